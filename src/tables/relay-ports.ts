/** What the relay is given. */
import type { Clock } from '../ports/clock.js';
import type { Keeping } from './kept-rows.js';
import type { Link } from './link.js';
import type { Mirror } from './mirror.js';
import type { RelayTables } from './relay-tables.js';
import type { RowClock } from './row-clock.js';

/** What the relay asks of the link. */
export type RelayLink = Pick<
  Link,
  | 'acknowledge'
  | 'add'
  | 'askToTeach'
  | 'define'
  | 'end'
  | 'flush'
  | 'received'
  | 'status'
  | 'teachingEnds'
  | 'window'
>;

export interface RelayPorts {
  readonly clock: Clock;
  readonly rowClock: RowClock;
  readonly mirror: Mirror;
  readonly tables: RelayTables;
  /** What outlives a loss of power; undefined: nothing does. */
  readonly keeping: Keeping | undefined;
  /** The link is made with the relay's handlers, so that it is there a moment later. */
  readonly link: () => RelayLink;
}
