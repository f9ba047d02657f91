/** Markup of HTML and SVG: whatever comes from a report is text, never markup. */

declare const kind: unique symbol;

/** Text that may stand in a page as it is. */
export type Markup = string & { readonly [kind]: 'markup' };

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export const NO_MARKUP: Markup = '' as Markup;

/** Names of elements and attributes are ours; values and children may be anybody's. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly (Markup | readonly Markup[])[]
): Markup {
  return `${opening(name, attributes)}${children.flat().join('')}</${name}>` as Markup;
}

/** One that has neither children nor an end in HTML, such as `meta`. */
export function opening(name: string, attributes: Attributes): Markup {
  const all = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${all.join('')}>` as Markup;
}

export function text(words: string): Markup {
  return escaped(words) as Markup;
}

/** Of markup that we write ourselves. */
export function joinedMarkup(parts: readonly Markup[], between = ''): Markup {
  return parts.join(between) as Markup;
}

function escaped(words: string): string {
  return words
    .replaceAll(CONTROL, '\u{FFFD}')
    .replaceAll(/[&<>"']/gu, (character) => `&#${String(character.charCodeAt(0))};`);
}

// eslint-disable-next-line no-control-regex -- these are what is sought
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\p{Surrogate}]/gu;
