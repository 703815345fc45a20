// Puts the page together: the switch in the header, the notices below it, and GraphiQL.

import { fetcherFor } from "./ask.js";
import { Session, pasted } from "./session.js";

const settings = JSON.parse(document.getElementById("settings").textContent);
const select = document.getElementById("persona");
const field = document.getElementById("token");
const audience = document.getElementById("audience");
const explain = document.getElementById("explain");
const notice = document.getElementById("notice");

const session = new Session(settings.personas);

// The style elements that GraphiQL's dialogs add carry this nonce, or the content policy refuses them.
window.__webpack_nonce__ = settings.nonce;

function say(text, offerReload = false) {
  notice.querySelector("span").textContent = text;
  notice.querySelector("button").hidden = !offerReload;
  notice.hidden = text === "";
}

// The state of the present session, by what its requests met. A refused token outranks the missing schema that it
// causes; a request of an earlier session says nothing any more.
function reporter() {
  let refused = false;
  const mine = session.token;
  return (event) => {
    if (mine !== session.token || (refused && event !== "described")) return;
    document.documentElement.dataset.contract = event;
    switch (event) {
      case "refused":
        refused = true;
        if (session.chosen === pasted) say("This token was refused (401): it has expired or is not meant for this server. Paste a fresh one.");
        else say("The token of this persona was refused (401), most likely because it has expired. Reload the tokens and ask again.", true);
        break;
      case "undescribed":
        say("No documentation or completion: this audience may not read its schema here (introspection is refused). Queries still run.");
        break;
      case "unreachable":
        say("The endpoint does not answer. Is the server still running?");
        break;
      case "tokenless":
        say("Paste a bearer token above to begin.");
        break;
      case "described":
        refused = false;
        say("");
    }
  };
}

const explanations = {
  portal: "portal: customers",
  console: "console: support agents",
  explorer: "explorer: engineers",
};

function drawSwitch() {
  const groups = new Map();
  for (const persona of session.personas) {
    const group = groups.get(persona.audience) ?? document.createElement("optgroup");
    group.label = explanations[persona.audience] ?? persona.audience;
    group.append(new Option(`${persona.persona}: ${persona.description}`, persona.persona));
    groups.set(persona.audience, group);
  }
  select.replaceChildren(...groups.values(), new Option("a pasted token", pasted));
  select.value = session.chosen;
  select.disabled = !session.hasPersonas;
  for (const element of document.querySelectorAll(".token")) element.hidden = session.chosen !== pasted;
  for (const element of document.querySelectorAll(".explain")) element.hidden = !session.mayExplain;
  audience.textContent = session.audience;
  audience.dataset.audience = session.audience;
}

const root = ReactDOM.createRoot(document.getElementById("graphiql"));
const constant = {
  defaultTabs: settings.examples.map(({ query }) => ({ query })),
  inputValueDeprecation: true,
  schemaDescription: true,
  shouldPersistHeaders: false,
};
const children = React.createElement(GraphiQL.Logo, null, React.createElement("span"));

// A new fetcher is what makes GraphiQL read the schema again; the tabs stay.
function drawEditor() {
  document.documentElement.dataset.contract = "loading";
  const fetcher = fetcherFor(session, settings.endpoint, () => (session.mayExplain ? explain.value : ""), reporter());
  root.render(React.createElement(GraphiQL, { fetcher, ...constant }, children));
}

session.addEventListener("change", () => {
  say("");
  drawSwitch();
  drawEditor();
});

async function load() {
  document.documentElement.dataset.contract = "loading";
  try {
    await session.load();
  } catch (error) {
    say(`The personas could not be loaded (${error.message}). Paste a bearer token instead, or try again.`, true);
  }
}

select.addEventListener("change", () => session.choose(select.value));
field.addEventListener("change", () => session.paste(field.value));
document.getElementById("who").addEventListener("submit", (event) => {
  event.preventDefault();
  session.paste(field.value);
});
notice.querySelector("button").addEventListener("click", load);

await load();
