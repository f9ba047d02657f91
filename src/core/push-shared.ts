/** Whether vipair.yaml, which both nodes share, goes to the other node with a push. */
import type { Millis } from '../base/time.js';

/** `newer`: unless the other node's was changed after this node's. */
export type SharedRule = 'newer' | 'always';

/** The file of one node. Ages and not times: clocks of two nodes may be apart. */
export interface SharedSide {
  readonly node: string;
  readonly path: string;
  /** Since it was changed; undefined where it is not there. */
  readonly age: Millis | undefined;
}

export interface SharedSides {
  readonly rule: SharedRule;
  readonly here: SharedSide;
  readonly there: SharedSide;
  readonly isSame: boolean;
}

export type SharedVerdict =
  | { readonly kind: 'same' | 'goes' }
  /** Everything else is pushed without it. */
  | { readonly kind: 'stays'; readonly why: string }
  /** Nothing is pushed. */
  | { readonly kind: 'refused'; readonly why: string };

/** Nobody loses an edit of the other node to a push that was not told to replace it. */
export function judgeShared({ rule, here, there, isSame }: SharedSides): SharedVerdict {
  if (isSame) {
    return { kind: 'same' };
  }
  if (here.path !== there.path) {
    // A service manager, a backup or another person knows it under its own path there.
    const why = `${there.node} reads ${there.path}, and ${here.node} ${here.path}: it is pushed only where both have the same path`;
    return { kind: rule === 'always' ? 'refused' : 'stays', why };
  }
  if (rule === 'newer' && isYounger(there.age, here.age)) {
    const why = `${there.path} on ${there.node} differs and was changed after the one on ${here.node}: take over what was changed there, or say --shared always to replace it, or --shared never to push the rest alone`;
    return { kind: 'refused', why };
  }
  return { kind: 'goes' };
}

function isYounger(one: Millis | undefined, other: Millis | undefined): boolean {
  return one !== undefined && (other === undefined || one < other);
}
