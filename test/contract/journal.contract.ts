/** What every Journal does. */
import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/ports/journal.js';
import { code, value } from './expected.js';

export interface JournalSetup {
  readonly journal: Journal;
  /** Keeps about so many bytes. */
  readonly bytes: number;
  /** As after a crash in the middle of a line. */
  readonly tear: () => void;
  /** Takes nothing more, until it is mended. */
  readonly fill: () => void;
  readonly mend: () => void;
  /** Whoever comes after the next crash. */
  readonly next: () => Journal;
}

export async function linesOf(journal: Journal): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const lines of journal.read()) {
    all.push(...value(lines));
  }
  return all;
}

export function journalContract(name: string, setUp: () => JournalSetup): void {
  describe(`${name} as a journal`, () => {
    it('is empty at first', async () => {
      expect(await linesOf(setUp().journal)).toEqual([]);
    });

    it('gives back what was appended, in order, also to the next one', async () => {
      const { journal, next } = setUp();
      for (const line of ['one', 'zwei — ähnlich', '{"three":3}']) {
        value(await journal.append(line));
      }
      expect(await linesOf(journal)).toEqual(['one', 'zwei — ähnlich', '{"three":3}']);
      expect(await linesOf(next())).toEqual(['one', 'zwei — ähnlich', '{"three":3}']);
    });

    it('a line that a crash cut off takes no other with it', async () => {
      const { journal, tear, next } = setUp();
      value(await journal.append('before'));
      value(await journal.append('cut off'));
      tear();
      expect(await linesOf(next())).toEqual(['before', 'cut']);
      value(await next().append('after'));
      expect(await linesOf(next())).toEqual(['before', 'cut', 'after']);
    });

    it('a line that cannot be written is refused, and the one after it is not harmed', async () => {
      const { journal, fill, mend } = setUp();
      value(await journal.append('before'));
      fill();
      expect(code(await journal.append('too much'))).toBe('not-written');
      expect(code(await journal.append('again'))).toBe('not-written');
      mend();
      value(await journal.append('after'));
      expect(await linesOf(journal)).toEqual(['before', 'after']);
    });

    it('keeps other lines instead, also after the older ones have gone into a file of their own', async () => {
      const { journal, next, tear } = setUp();
      for (let line = 0; line < 40; line += 1) {
        value(await journal.append(`${String(line)} `.padEnd(99, 'x')));
      }
      value(await journal.replace(['one', 'two']));
      expect(await linesOf(next())).toEqual(['one', 'two']);
      value(await next().append('cut off'));
      tear();
      value(await next().replace([]));
      expect(await linesOf(next())).toEqual([]);
      value(await next().append('three'));
      expect(await linesOf(journal)).toEqual(['three']);
    });

    it('keeps what it has where the others cannot be written', async () => {
      const { journal, fill, mend } = setUp();
      value(await journal.append('before'));
      fill();
      expect(code(await journal.replace(['one', 'two']))).toBe('not-written');
      mend();
      expect(await linesOf(journal)).toEqual(['before']);
    });

    it('is bounded: the newest stay', async () => {
      const { journal, bytes } = setUp();
      const lines = Array.from({ length: 40 }, (_, index) => `${String(index)} `.padEnd(99, 'x'));
      for (const line of lines) {
        value(await journal.append(line));
      }
      const kept = await linesOf(journal);
      expect(kept.join('\n').length).toBeLessThanOrEqual(bytes);
      expect(kept.length).toBeGreaterThan(9);
      expect(kept).toEqual(lines.slice(-kept.length));
    });
  });
}
