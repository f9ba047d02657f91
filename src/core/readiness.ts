/** Whether the other node could take a group over now, by its own word over the pair channel. */
import { unreachable } from '../base/unreachable.js';
import type { PeerLife } from './fault-detector.js';
import type { GroupView } from './peer-view.js';

export type Readiness =
  | { readonly kind: 'ready' }
  /** The channel does not tell: then VRRP's own way out counts, a resignation to nobody being undone. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unready'; readonly why: string };

/** Its last word of the group, and what is known of its life. */
interface Heard {
  readonly life: PeerLife;
  readonly view: GroupView | undefined;
}

export function readinessOf({ life, view }: Heard): Readiness {
  switch (life.name) {
    case 'unheard':
    case 'gone':
      return { kind: 'unknown' };
    case 'goodbye':
      return { kind: 'unready', why: `its daemon has said goodbye (${life.why})` };
    case 'fresh':
    case 'late':
      return ofView(view);
    default:
      return unreachable(life);
  }
}

function ofView(view: GroupView | undefined): Readiness {
  if (view === undefined) {
    return { kind: 'unready', why: 'it has no group of that name' };
  }
  if (view.role !== 'backup') {
    return { kind: 'unready', why: `it is ${NOT_BACKUP[view.role]}` };
  }
  if (view.health === 0) {
    return { kind: 'unready', why: 'its health is 0' };
  }
  return view.tables === 'awaited'
    ? { kind: 'unready', why: 'its proxy has not all stick tables yet' }
    : { kind: 'ready' };
}

const NOT_BACKUP = {
  starting: 'still starting',
  fault: 'in fault',
  master: 'master by its own word',
  resigning: 'giving the group away itself',
  stopped: 'stopped',
} as const;
