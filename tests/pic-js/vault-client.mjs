// The vault's client in JavaScript, written from docs/vault.md and not from the Rust one: @dfinity/vetkeys for keys, Web Crypto for AES-256-GCM.
// In: bytes, and whole numbers as BigInt. Out: bytes. The caller brings them to the canister and back.
import { DerivedPublicKey, EncryptedVetKey, TransportSecretKey } from '@dfinity/vetkeys';

const crypto = globalThis.crypto.subtle;
const text = (string) => new TextEncoder().encode(string);
const HEADER = text('IC GCMv2');

const concat = (parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A number of so many bytes, big endian. */
const number = (value, bytes) =>
  Uint8Array.from({ length: bytes }, (_, at) => Number((BigInt(value) >> BigInt(8 * (bytes - 1 - at))) & 0xffn));

/** Each part after its length (4 bytes). */
const joined = (...parts) => concat(parts.flatMap((part) => [number(part.length, 4), part]));

const sha256 = async (bytes) => new Uint8Array(await crypto.digest('SHA-256', bytes));

const hkdf = async (key, info) => {
  const material = await crypto.importKey('raw', key, 'HKDF', false, ['deriveKey']);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info };
  return crypto.deriveKey(algorithm, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
};

/** A transport key for one request. */
export const freshTransport = () => TransportSecretKey.random();

/** The input of a space's key in an epoch. */
export const input = (space, epoch) => joined(number(space, 8), number(epoch, 8));

/** The hash of a chunk's ciphertext, and the root over such hashes. */
export const hash = sha256;
export const root = (hashes) => sha256(concat([[12], text('vault/body/1'), ...hashes]));

/** The key of a space in an epoch. Its bytes stay in memory and are not exported. */
export class EpochKey {
  #material;
  #names;

  constructor(material, canister, space, epoch) {
    this.#material = material;
    this.#names = { canister, space: number(space, 8), epoch: number(epoch, 8) };
  }

  /** Decrypts and verifies the answer of derive_key; throws if it is not the key that was asked for. */
  static open(transport, answer, verificationKey, { canister, space, epoch }) {
    const publicKey = DerivedPublicKey.deserialize(verificationKey);
    const encrypted = EncryptedVetKey.deserialize(answer);
    const key = encrypted.decryptAndVerify(transport, publicKey, input(space, epoch));
    const material = key.deriveSymmetricKey('ic-vetkd-bls12-381-g2-derived-key-material', 32);
    return new EpochKey(material, canister, space, epoch);
  }

  async #at(kind, { item, version }, numbers) {
    const { canister, space, epoch } = this.#names;
    const digits = Buffer.from(await sha256(joined(canister, space, item))).toString('hex');
    const domain = text(`ic-vetkd-bls12-381-g2-aes-gcm-v2-vault/${kind}/1/${digits}`);
    const bound = joined(canister, space, item, number(version, 8), epoch, ...numbers.map((value) => number(value, 4)));
    return { key: await hkdf(this.#material, domain), additionalData: concat([HEADER, bound]) };
  }

  async #seal(kind, place, numbers, plain) {
    const { key, additionalData } = await this.#at(kind, place, numbers);
    const iv = globalThis.crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain);
    return concat([HEADER, iv, new Uint8Array(sealed)]);
  }

  async #open(kind, place, numbers, sealed) {
    const { key, additionalData } = await this.#at(kind, place, numbers);
    const iv = sealed.subarray(8, 20);
    return new Uint8Array(await crypto.decrypt({ name: 'AES-GCM', iv, additionalData }, key, sealed.subarray(20)));
  }

  /** An item at a place { item, version }. */
  seal = (place, plain) => this.#seal('item', place, [], plain);
  open = (place, sealed) => this.#open('item', place, [], sealed);

  /** A chunk of a file of so many. */
  sealChunk = (place, index, count, plain) => this.#seal('file', place, [index, count], plain);
  openChunk = (place, index, count, sealed) => this.#open('file', place, [index, count], sealed);
}
