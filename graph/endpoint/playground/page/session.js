// Who asks: the personas on offer, the one chosen, and its token. Tokens live in memory only; what is remembered
// between visits is the persona's name.

const remembered = "support-graph:persona";

export const pasted = "";

export class Session extends EventTarget {
  #address;
  #personas = new Map();
  #chosen = pasted;
  #pastedToken = "";

  constructor(address) {
    super();
    this.#address = address;
  }

  get personas() { return [...this.#personas.values()]; }
  get chosen() { return this.#chosen; }
  get hasPersonas() { return this.#address !== ""; }
  get audience() { return this.#personas.get(this.#chosen)?.audience ?? audienceOf(this.#pastedToken); }
  // Operations are explained to staff; customers who ask are not heard.
  get mayExplain() { return this.audience === "console" || this.audience === "explorer"; }
  get token() { return this.#chosen === pasted ? this.#pastedToken : this.#personas.get(this.#chosen).token; }

  // load fetches the personas and their tokens afresh and keeps the choice where it still exists.
  async load() {
    if (!this.hasPersonas) {
      this.#changed();
      return;
    }
    let list = [];
    try {
      const response = await fetch(this.#address, { cache: "no-store" });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      list = await response.json();
    } finally {
      this.#personas = new Map(list.map((persona) => [persona.persona, persona]));
      const wish = this.#chosen === pasted ? recall() : this.#chosen;
      const first = list.find((persona) => persona.audience === "console") ?? list[0];
      this.#chosen = this.#personas.has(wish) ? wish : (first?.persona ?? pasted);
      this.#changed();
    }
  }

  choose(name) {
    this.#chosen = this.#personas.has(name) ? name : pasted;
    remember(this.#chosen);
    this.#changed();
  }

  paste(token) {
    const bare = token.trim().replace(/^bearer\s+/i, "");
    if (bare === this.#pastedToken) return;
    this.#pastedToken = bare;
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event("change")); }
}

// audienceOf reads the audience out of a pasted token for display alone; the server decides by its own rules.
function audienceOf(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return String([claims.aud].flat()[0] ?? "");
  } catch {
    return "";
  }
}

// Storage may be switched off; then the choice lasts as long as the page.
function recall() {
  try {
    return localStorage.getItem(remembered) ?? pasted;
  } catch {
    return pasted;
  }
}

function remember(name) {
  try {
    localStorage.setItem(remembered, name);
  } catch {
    // Nothing is lost but convenience.
  }
}
