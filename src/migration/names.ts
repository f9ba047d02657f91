/** Names of ours out of names of others: lower-case letters, digits and hyphens. */

/** Undefined where nothing of the name is left. */
export function nameFrom(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, NAME_CHARACTERS)
    .replace(/-+$/u, '');
  return name === '' ? undefined : name;
}

/** The name itself, or with a number behind it where it is taken. */
export function unusedName(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) {
    const behind = `-${String(number)}`;
    candidate = `${name.slice(0, NAME_CHARACTERS - behind.length)}${behind}`;
  }
  return candidate;
}

const NAME_CHARACTERS = 32;
