/** A table of a page: it scrolls by itself where the screen is narrow. */
import type { Markup } from './markup.js';
import { element, text } from './markup.js';

export interface HeadCell {
  readonly words: string;
  /** Undefined: as any cell. */
  readonly class?: string | undefined;
}

/** Each row is its cells. */
export function pageTable(head: readonly HeadCell[], rows: readonly (readonly Markup[])[]): Markup {
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          head.map((each) => element('th', { class: each.class }, text(each.words))),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((cells) => element('tr', {}, cells)),
      ),
    ),
  );
}
