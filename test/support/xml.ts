// In: an XML document. Out: its elements, or an error at the first thing XML 1.0 does not allow. Namespaces, DTDs, CDATA and
// comments are not needed here, and so not allowed.

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  /** Text directly inside it. */
  text: string;
}

const NAME = /[A-Za-z_][\w.-]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** XML 1.0 2.2, for characters of the basic plane; the others come as pairs. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

export function parseXml(text: string): Element {
  if (FORBIDDEN.test(text)) throw new Error('a character XML cannot hold');
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!text.startsWith(declaration)) throw new Error('no XML declaration');
  const reader = new Reader(text, declaration.length);
  const root = reader.element();
  reader.end();
  return root;
}

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  element(): Element {
    this.#expect('<');
    const element: Element = { name: this.#name(), attributes: {}, children: [], text: '' };
    while (this.#take(' ')) {
      const name = this.#name();
      this.#expect('="');
      const end = this.#text.indexOf('"', this.#at);
      const value = this.#text.slice(this.#at, end);
      if (end < 0 || value.includes('<')) throw this.#error('an attribute without an end');
      if (/[\n\r\t]/.test(value)) throw this.#error('white space in an attribute that would become a blank');
      if (name in element.attributes) throw this.#error(`two attributes ${name}`);
      element.attributes[name] = this.#decoded(value);
      this.#at = end + 1;
    }
    if (this.#take('/>')) return element;
    this.#expect('>');
    while (!this.#text.startsWith('</', this.#at)) {
      if (this.#text[this.#at] === '<') {
        element.children.push(this.element());
        continue;
      }
      const end = this.#text.indexOf('<', this.#at);
      if (end < 0) throw this.#error('no end tag');
      const piece = this.#text.slice(this.#at, end);
      if (piece.includes(']]>')) throw this.#error(']]> in text');
      element.text += this.#decoded(piece);
      this.#at = end;
    }
    this.#expect(`</${element.name}>`);
    return element;
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw this.#error('text behind the root element');
  }

  #decoded(text: string): string {
    if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text)) throw this.#error('a bare ampersand');
    return text.replace(/&(?:#(\d+)|(\w+));/g, (_all, code: string | undefined, name: string) =>
      code === undefined ? ENTITIES[name]! : String.fromCodePoint(Number(code)),
    );
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.#error('no name');
    this.#at += name.length;
    return name;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#error(`no ${text}`);
  }

  #error(reason: string): Error {
    return new Error(`${reason} at ${this.#at}: ${this.#text.slice(this.#at, this.#at + 40)}`);
  }
}
