/** A change that both nodes of a simulated pair are to make at the same moment. */
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import { VRID } from './settings.js';
import type { World } from './world.js';

/** An operator has the same edited on both nodes, and says so to one of them; or two do, to either. */
export function changeTogether(world: World, node: 0 | 1, tellers: 'one' | 'two' = 'one'): void {
  // Without a channel it is refused, and so it is where one file was edited in what needs a restart; and a router that is
  // no part of the pair would be left behind.
  if (world.settings.channel !== 'open' || world.edits === 'one file' || world.foreign.present) {
    return;
  }
  world.edits = 'both files';
  const vrid = world.machines[node].vrid === VRID ? OTHER_VRID : VRID;
  for (const machine of world.machines) {
    machine.vrid = vrid;
  }
  world.machines[node].reload();
  if (tellers === 'two') {
    world.machines[node === 0 ? 1 : 0].reload();
  }
}

/** A moment from the question to the switch; of three, one before the word: that takes a millisecond or two. */
export function inTalk(lasting: number): Millis {
  return millis(lasting % 3 === 0 ? (lasting % 20) / 10 : lasting % LONGEST_TALK);
}

const OTHER_VRID = 53;
/** Longer than it takes from the question to the switch. */
const LONGEST_TALK = 400;
