//! Files come in chunks, become versions when they are complete, and make room when they do not.

use super::*;
use crate::limits::UPLOAD_TIME;
use crate::read;
use crate::scene::{Scene, first};
use crate::space::SpaceId;

fn chunks(count: u8, bytes: usize) -> Vec<Vec<u8>> {
    (0..count).map(|index| vec![index; bytes]).collect()
}

fn slices(chunks: &[Vec<u8>]) -> Vec<&[u8]> {
    chunks.iter().map(Vec::as_slice).collect()
}

/// A file of an item from its beginning to its version.
fn upload(scene: &Scene, by: u32, place: Place, file: &[Vec<u8>]) -> Result<u64, VaultError> {
    let bytes: usize = file.iter().map(Vec::len).sum();
    let request = hash_of(&[&place.item[..], &file.concat()].concat());
    let number = scene.begin_file(by, &request, place, file.len() as u32, bytes as u64)?;
    for (index, chunk) in (0..).zip(file) {
        scene.put_chunk(by, number, index, chunk)?;
    }
    scene.commit(by, number, &slices(file))
}

#[test]
fn a_file_comes_in_chunks_of_any_order_and_is_read_by_chunks() {
    let scene = Scene::with_space();
    let file = chunks(5, 10_000);
    let place = Scene::place("film", 0, 1);
    let upload = scene.begin_file(1, b"film", place, 5, 50_000).unwrap();
    for index in [3, 0, 4, 1] {
        scene
            .put_chunk(1, upload, index, &file[index as usize])
            .unwrap();
    }
    scene.upgrade();
    let missing = Err(VaultError::ChunkMissing { missing: 2 });
    assert_eq!(scene.commit(1, upload, &slices(&file)), missing);
    scene.put_chunk(1, upload, 2, &file[2]).unwrap();
    scene.holds_together();
    assert_eq!(scene.commit(1, upload, &slices(&file)), Ok(1));
    scene.holds_together();
    scene.call_as(1);
    let (kit, item) = (scene.kit.borrow(), b"film".to_vec());
    for (index, chunk) in (0..).zip(&file) {
        let read = read::get_chunk(&kit, &scene.world, first(), item.clone(), 1, index);
        assert_eq!(read.unwrap().as_slice(), chunk);
    }
    let past = read::get_chunk(&kit, &scene.world, first(), item.clone(), 1, 5);
    assert_eq!(past, Err(VaultError::NoSuchChunk { chunks: 5 }));
    let hashes = read::hashes(&kit, &scene.world, first(), item.clone(), 1).unwrap();
    assert_eq!(hashes.len(), 5);
    assert_eq!(hashes[4].as_slice(), hash_of(&file[4]));
    let content = read::get(&kit, &scene.world, first(), item, None).unwrap();
    assert_eq!((content.version.chunks, content.version.bytes), (5, 50_000));
    assert_eq!(content.ciphertext.as_slice(), file[0]);
}

#[test]
fn a_chunk_that_comes_twice_is_taken_once_and_another_one_is_refused() {
    let scene = Scene::with_space();
    let place = Scene::place("a", 0, 1);
    let upload = scene.begin_file(1, b"1", place, 2, 20).unwrap();
    scene.put_chunk(1, upload, 0, &[1; 10]).unwrap();
    let events = scene.events();
    assert_eq!(scene.put_chunk(1, upload, 0, &[1; 10]), Ok(()));
    assert_eq!(scene.events(), events);
    let differs = scene.put_chunk(1, upload, 0, &[2; 10]);
    assert_eq!(differs, Err(VaultError::ChunkDiffers));
    let outside = scene.put_chunk(1, upload, 2, &[2; 10]);
    assert_eq!(outside, Err(VaultError::NoSuchChunk { chunks: 2 }));
    let long = scene.put_chunk(1, upload, 1, &[2; 11]);
    let (received, declared) = (21, 20);
    let other = Err(VaultError::OtherSize { received, declared });
    assert_eq!(long, other);
    assert_eq!(
        scene.put_chunk(1, upload, 1, b""),
        Err(VaultError::EmptyFile)
    );
    scene.put_chunk(1, upload, 1, &[2; 9]).unwrap();
    let short = scene.commit(1, upload, &[&[1; 10], &[2; 9]]);
    let received = 19;
    assert_eq!(short, Err(VaultError::OtherSize { received, declared }));
}

#[test]
fn a_file_with_another_root_is_no_version() {
    let scene = Scene::with_space();
    let place = Scene::place("a", 0, 1);
    let upload = scene.begin_file(1, b"1", place, 2, 20).unwrap();
    scene.put_chunk(1, upload, 0, &[1; 10]).unwrap();
    scene.put_chunk(1, upload, 1, &[2; 10]).unwrap();
    let swapped = scene.commit(1, upload, &[&[2; 10], &[1; 10]]);
    let root = root_of(&[hash_of(&[1; 10]), hash_of(&[2; 10])]).to_vec();
    let other = VaultError::OtherRoot {
        root: ByteBuf::from(root),
    };
    assert_eq!(swapped, Err(other));
    assert_eq!(scene.commit(1, upload, &[&[1; 10], &[2; 10]]), Ok(1));
    let twice = scene.commit(1, upload, &[&[1; 10], &[2; 10]]);
    assert_eq!(twice, Err(VaultError::NoSuchUpload));
}

#[test]
fn files_without_or_with_too_many_chunks_are_refused() {
    let scene = Scene::with_space();
    let begin = |chunks, bytes| {
        let place = Scene::place("a", 0, 1);
        scene.begin_file(1, b"1", place, chunks, bytes)
    };
    assert_eq!(begin(0, 0), Err(VaultError::EmptyFile));
    assert_eq!(begin(2, 1), Err(VaultError::EmptyFile));
    let many = VaultError::too_much(Limit::Chunks, 128);
    assert_eq!(begin(129, 1000), Err(many));
    let long = VaultError::too_much(Limit::ChunkBytes, MAX_CHUNK_BYTES);
    assert_eq!(begin(2, 2 * MAX_CHUNK_BYTES + 1), Err(long));
}

#[test]
fn a_file_is_no_version_after_a_rotation_or_another_write() {
    let scene = Scene::with_space();
    let file = chunks(2, 10);
    let begin = |request: &[u8], expected, epoch| {
        let place = Scene::place("a", expected, epoch);
        let upload = scene.begin_file(1, request, place, 2, 20).unwrap();
        for (index, chunk) in (0..).zip(&file) {
            scene.put_chunk(1, upload, index, chunk).unwrap();
        }
        upload
    };
    let rotated = begin(b"1", 0, 1);
    scene.rotate(1).unwrap();
    let stale = Err(VaultError::StaleEpoch { current: 2 });
    assert_eq!(scene.commit(1, rotated, &slices(&file)), stale);
    let overtaken = begin(b"2", 0, 2);
    scene.put(1, "a", 0, 2, b"first").unwrap();
    let conflict = Err(VaultError::VersionConflict { current: 1 });
    assert_eq!(scene.commit(1, overtaken, &slices(&file)), conflict);
    scene.cancel(1, rotated).unwrap();
    scene.cancel(1, overtaken).unwrap();
    let gone = scene.put_chunk(1, rotated, 0, &file[0]);
    assert_eq!(gone, Err(VaultError::NoSuchUpload));
    assert_eq!(scene.kit.borrow().product().blobs().used(), 1);
    scene.holds_together();
}

#[test]
fn an_upload_belongs_to_whoever_began_it_as_long_as_it_may_write() {
    let scene = Scene::with_space();
    scene.share(1, 2, Role::Writer, false).unwrap();
    let place = Scene::place("a", 0, 1);
    let upload = scene.begin_file(2, b"1", place, 1, 10).unwrap();
    let not_yours = Err(VaultError::NoSuchUpload);
    assert_eq!(scene.put_chunk(1, upload, 0, &[1; 10]), not_yours);
    assert_eq!(scene.cancel(1, upload), not_yours);
    scene.share(1, 2, Role::Reader, false).unwrap();
    let needed = Role::Writer;
    let refused = Err(VaultError::NeedsRole { needed });
    assert_eq!(scene.put_chunk(2, upload, 0, &[1; 10]), refused);
    scene.revoke(1, 2).unwrap();
    let refused = Err(VaultError::NoSuchSpace);
    assert_eq!(scene.put_chunk(2, upload, 0, &[1; 10]), refused);
}

#[test]
fn hoarded_uploads_end_after_a_day_and_give_back_what_they_reserved() {
    let scene = Scene::with_space();
    for who in 2..=6 {
        scene.share(1, who, Role::Writer, false).unwrap();
    }
    let begin = |who: u32, name: &str| {
        let place = Scene::place(name, 0, 1);
        scene.begin_file(who, name.as_bytes(), place, 2, 40_000)
    };
    let of_one = VaultError::too_much(Limit::UploadsOfOne, 2);
    for who in 2..=5 {
        let first = begin(who, &format!("{who}a")).unwrap();
        scene.put_chunk(who, first, 0, &[1; 20_000]).unwrap();
        begin(who, &format!("{who}b")).unwrap();
        if who < 5 {
            assert_eq!(begin(who, &format!("{who}c")), Err(of_one.clone()));
        }
    }
    let full = VaultError::too_much(Limit::Uploads, 8);
    assert_eq!(begin(6, "6a"), Err(full.clone()));
    assert_eq!(scene.kit.borrow().product().blobs().used(), 20);
    scene.pass(UPLOAD_TIME - 1);
    assert_eq!(begin(6, "6a"), Err(full));
    scene.pass(1);
    let late = scene.put_chunk(2, 1, 1, &[1; 20_000]);
    assert_eq!(late, Err(VaultError::NoSuchUpload));
    let upload = begin(6, "6a").unwrap();
    let space = scene.kit.borrow().product().get(first()).unwrap();
    assert_eq!(space.uploads, [upload]);
    assert_eq!(space.blocks, most_blocks(2, 40_000));
    assert_eq!(scene.kit.borrow().product().blobs().used(), 0);
    scene.holds_together();
}

#[test]
fn abandoned_uploads_of_other_spaces_are_removed_with_others_begins() {
    let scene = Scene::with_space();
    let place = Scene::place("a", 0, 1);
    scene.begin_file(1, b"1", place, 1, 4096).unwrap();
    scene.pass(UPLOAD_TIME);
    assert_eq!(scene.create(2, b"own").unwrap().id, 2);
    let place = Place {
        space: SpaceId::new(2),
        ..Scene::place("a", 0, 1)
    };
    scene.begin_file(2, b"1", place, 1, 4096).unwrap();
    assert_eq!(scene.see(1).unwrap().bytes, 0);
    scene.holds_together();
}

#[test]
fn a_repeated_begin_is_the_same_upload_and_costs_nothing() {
    let scene = Scene::with_space();
    let begin = || scene.begin_file(1, b"1", Scene::place("a", 0, 1), 2, 20);
    let upload = begin().unwrap();
    let events = scene.events();
    assert_eq!(begin(), Ok(upload));
    assert_eq!(scene.events(), events);
}

#[test]
fn versions_of_files_make_room_as_others_do() {
    let scene = Scene::with_space();
    for version in 0..10 {
        let place = Scene::place("a", version, 1);
        let file = chunks(3, 5000 + version as usize);
        assert_eq!(upload(&scene, 1, place, &file), Ok(version + 1));
    }
    assert_eq!(scene.kit.borrow().product().blobs().used(), 8 * 3 * 2);
    scene.delete(1, "a", 10).unwrap();
    assert_eq!(scene.kit.borrow().product().blobs().used(), 0);
    assert_eq!(scene.see(1).unwrap().bytes, 0);
    scene.holds_together();
}
