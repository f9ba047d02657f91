import { describe, expect, it } from 'vitest';
import type { LinkMessage } from '../../../src/os/rtnetlink-messages.js';
import { WatchedLink } from '../../../src/os/watched-link.js';

function link(interfaceIndex: number, state: 'up' | 'down', name = 'eth0'): LinkMessage {
  return { interfaceIndex, name, state };
}

/** What is told of a link that begins up with index 2. */
function told(happens: (watched: WatchedLink) => void): readonly string[] {
  const states: string[] = [];
  const watched = new WatchedLink('eth0', (state) => states.push(state));
  watched.begin(link(2, 'up'));
  happens(watched);
  return states;
}

describe('a watched link', () => {
  it.each<[string, (watched: WatchedLink) => void, readonly string[]]>([
    [
      'is what it was',
      (it) => {
        it.learn(link(2, 'up'));
      },
      [],
    ],
    [
      'goes down',
      (it) => {
        it.hear(link(2, 'down'), 'there');
      },
      ['down'],
    ],
    [
      'is deleted',
      (it) => {
        it.hear(link(2, 'up'), 'deleted');
      },
      ['missing'],
    ],
    [
      'is renamed',
      (it) => {
        it.hear(link(2, 'up', 'lan0'), 'there');
      },
      ['missing'],
    ],
    [
      'is somebody else',
      (it) => {
        it.hear(link(3, 'down', 'eth1'), 'there');
      },
      [],
    ],
    [
      'was deleted unheard',
      (it) => {
        it.learn(undefined);
      },
      ['missing'],
    ],
    [
      'was made anew unheard',
      (it) => {
        it.learn(link(3, 'up'));
      },
      ['missing', 'up'],
    ],
    [
      'was made anew unheard, and is down',
      (it) => {
        it.learn(link(3, 'down'));
      },
      ['missing', 'down'],
    ],
    [
      'is heard with a new index',
      (it) => {
        it.hear(link(3, 'up'), 'there');
      },
      ['missing', 'up'],
    ],
  ])('that %s', (_what, happens, expected) => {
    expect(told(happens)).toEqual(expected);
  });

  it('measures changes from where it began, and takes an event before that for newer', () => {
    const states: string[] = [];
    const watched = new WatchedLink('eth0', (state) => states.push(state));
    watched.hear(link(3, 'down'), 'there');
    watched.begin(link(2, 'up'));
    watched.learn(link(3, 'down'));
    expect(states).toEqual(['down']);
  });
});
