// The page: one form, one answer. What a canister says is shown as text and never as markup.
import { askInfo } from "./canisters";
import { NAMES, type Name } from "./names";
import { connect } from "./session";

function find<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

const form = find<HTMLFormElement>("#ask");
const answer = find<HTMLOutputElement>("#answer");
find<HTMLSelectElement>("select[name=name]").append(...NAMES.map((name) => new Option(name)));

async function ask(): Promise<string> {
  const fields = new FormData(form);
  const text = (name: string) => String(fields.get(name)).trim();
  const agent = await connect(text("host"));
  const info = await askInfo(agent, text("name") as Name, text("id"));
  return Object.entries(info)
    .map(([field, value]) => `${field}: ${value}`)
    .join("\n");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  answer.textContent = "Asking…";
  ask().then(
    (text) => (answer.textContent = text),
    (error: unknown) => (answer.textContent = `No answer: ${error instanceof Error ? error.message : String(error)}`),
  );
});
