/** What a node has begun and not ended, of what its daemon's restart would cut short: a section of `vipair status`, field by field. */

export interface UnderWay {
  readonly what: UnderWayKind;
  /** With the node's name before it, a sentence: `is pushing its files`. */
  readonly says: string;
}

export type UnderWayKind =
  | 'push'
  | 'reload'
  /** A change that both nodes make at the same moment. */
  | 'joint change'
  | 'drill'
  /** The other node names something that this version does not know. */
  | 'other';
