import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** House rules that no off-the-shelf linter knows. */
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

/** How far before a section its document may be named, in characters: about two lines. */
const REACH = 200;

describe.each(files)('src/%s', (file) => {
  const text = readFileSync(`src/${file}`, 'utf8');

  it('opens with a sentence about its purpose', () => {
    expect(text).toMatch(/^(?:#!.*\n)?\/\*\*\s(?:[^*]|\*(?!\/))*?[.:]/u);
  });

  it('names the document behind every section it cites', () => {
    const bare = Array.from(text.matchAll(/§\S*/gu)).filter(
      (section) =>
        !/RFC \d+|\w\.md\b/u.test(text.slice(Math.max(0, section.index - REACH), section.index)),
    );
    expect(bare.map((section) => section[0])).toEqual([]);
  });

  it('is named after the thing it holds', () => {
    expect(file).not.toMatch(/(?:^|[/-])(?:index|utils?|helpers?|common|misc|manager)\.ts$/u);
  });

  // A file that exports only types leaves nothing to run: the compiler is its test.
  const runs = /^export (?!type |interface )/mu.test(text);

  if (runs && /^(?:wire|core)\//u.test(file)) {
    it('has a test of the same name', () => {
      expect(existsSync(`test/unit/${file.replace(/\.ts$/u, '.test.ts')}`)).toBe(true);
    });
  }
});
