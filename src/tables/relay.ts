/**
 * The relay: rows of the local HAProxy go over the link, rows of the other node's into the local HAProxy, and versions decide
 * which of two is kept. Here is decided who teaches whom; it holds no rows, and what is known of them stands in the mirror.
 */
import type { PeersViolation } from '../wire/peers/payload.js';
import type { Range } from '../wire/peers/row.js';
import { RowWalker } from '../wire/peers/row.js';
import type { TableDefinition } from '../wire/peers/table.js';
import type { HashSeed, TeachingEnd } from '../wire/tables/message.js';
import type { RowsReader } from '../wire/tables/rows.js';
import { KeptRows } from './kept-rows.js';
import type { Looked } from './look.js';
import { Looks } from './look.js';
import { isOlder } from './older-seed.js';
import { OwnRows, SAME_TOUCH_MS } from './own-rows.js';
import { PeerRows } from './peer-rows.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayLink, RelayPorts } from './relay-ports.js';
import type { RelayTable } from './relay-table.js';
import type { Waiting } from './report.js';
import type { IncomingTable } from './session-tables.js';
import type { Asked, Asking, Own } from './teaching.js';

const NOT_ASKED = { name: 'no' } as const;

export class Relay {
  readonly #ports: RelayPorts;
  readonly #walker: RowWalker;
  readonly #ownRows: OwnRows;
  readonly #peerRows: PeerRows;
  readonly #kept: KeptRows;
  #seed: HashSeed;
  #session: ProxySession<RelayTable> | undefined;
  #asking: Asking = NOT_ASKED;
  #asked: Asked = 'no';
  /** Since the session began the other node has taught nothing: HAProxy may lack what the mirror holds. */
  #recovering: 'yes' | 'no' = 'yes';
  #own: Own = 'unknown';
  #complete: 'yes' | 'no' = 'no';
  #reading: 'on' | 'paused' = 'on';
  readonly #looks = new Looks();

  constructor(seed: HashSeed, ports: RelayPorts) {
    this.#ports = ports;
    this.#seed = seed;
    this.#walker = new RowWalker(seed);
    const { clock, rowClock, link } = ports;
    this.#peerRows = new PeerRows({ clock, rowClock, walker: this.#walker });
    this.#kept = new KeptRows({ ...ports, rows: this.#peerRows });
    this.#ownRows = new OwnRows({ clock, rowClock, walker: this.#walker, link, kept: this.#kept });
  }

  get seed(): HashSeed {
    return this.#seed;
  }

  get session(): ProxySession<RelayTable> | undefined {
    return this.#session;
  }

  /** All that the other node's HAProxy held when it was asked last has been handed to ours and acknowledged. */
  get isComplete(): boolean {
    return this.#complete === 'yes';
  }

  /** Nothing is being taught in either direction, so that both mirrors can be compared. */
  get isSettled(): boolean {
    const state = this.#session?.state;
    return (
      state?.name === 'open' &&
      state.teaching.name === 'no' &&
      state.learning.name === 'no' &&
      this.#link.status.state === 'up' &&
      this.#own === 'known' &&
      this.#asking.name === 'no' &&
      this.#asked === 'no'
    );
  }

  /** Rows of the other node that HAProxy has not acknowledged. */
  get waiting(): Waiting {
    return this.#peerRows.waiting;
  }

  /** Both HAProxies are to teach everything. */
  heal(): void {
    this.#askPeer();
    this.look(() => undefined);
  }

  /** HAProxy is to teach everything, and what it has otherwise than it should is found. */
  look(looked: (how: Looked) => void): 'begun' | 'no proxy' {
    if (this.#session?.state.name !== 'open') {
      return 'no proxy';
    }
    this.#looks.want(looked);
    this.#session.step({ kind: 'teach' });
    return 'begun';
  }

  // The session with HAProxy.

  opened(session: ProxySession<RelayTable>): void {
    this.#session = session;
    this.#become('unknown');
    this.#recovering = 'yes';
    this.#complete = 'no';
    this.#reading = 'on';
    this.#pauseIfShut();
  }

  defined(definition: TableDefinition): RelayTable {
    const table = this.#ports.tables.named(definition.name);
    table.defineOwn(definition);
    table.handAs(undefined);
    this.#defineOnLink(table);
    return table;
  }

  piece(part: 'begins' | 'ends'): void {
    if (part === 'begins') {
      this.#ownRows.begin();
    } else {
      this.#session?.flush();
      this.#link.flush();
      this.#pauseIfShut();
    }
  }

  /** A row of the local HAProxy. */
  row(
    incoming: IncomingTable<RelayTable>,
    bytes: Uint8Array,
    { at, end }: Range,
    expiresIn: number | undefined,
  ): PeersViolation | undefined {
    const session = this.#session;
    return session === undefined
      ? undefined
      : this.#ownRows.row(session, incoming, { bytes, at, end }, expiresIn);
  }

  acknowledged(): void {
    this.#progress();
  }

  drained(): void {
    this.#kept.drained();
    this.#progress();
  }

  /** It holds nothing: what the mirror says of it is not so. */
  askedForRows(): void {
    if (this.#link.status.state === 'down') {
      this.#ports.mirror.forget();
      this.#kept.teach(this.#session);
    } else if (this.#asking.name !== 'asked') {
      this.#ports.mirror.forget();
      this.#askPeer();
    }
    this.#recovering = 'yes';
    this.#release();
    if (this.#asked !== 'no') {
      this.#answerPeer('no-proxy');
    }
  }

  teachingBegan(): void {
    this.#become(this.#own === 'unknown' ? 'telling' : this.#own);
    this.#kept.teachingBegan();
    for (const table of this.#ports.tables.all) {
      table.mirror.beginAudit();
    }
    this.#ownRows.look(this.#looks.begin());
    this.#asked = this.#asked === 'waiting' ? 'running' : this.#asked;
    if (this.#recovering === 'yes' && this.#asking.name === 'no') {
      this.#askPeer();
    }
  }

  teachingEnded(how: 'complete' | 'partial'): void {
    this.#link.flush();
    this.#kept.teachingEnded(how);
    const looks = this.#ownRows.endLook();
    const defined = new Set(this.#session?.tables.map(({ is }) => is));
    this.#ports.tables.told(how, defined, this.#ports.rowClock.now(), looks);
    this.#looks.end('looked');
    const { left } = this.#ownRows;
    if (this.#own === 'telling') {
      this.#become('known');
      this.#release();
    }
    if (left === 'some') {
      this.#asked = this.#asked === 'running' ? 'waiting' : this.#asked;
      this.#session?.step({ kind: 'teach' });
    } else if (this.#asked === 'running') {
      this.#answerPeer(how);
    }
    this.#pauseIfShut();
  }

  ended(): void {
    this.#session = undefined;
    this.#kept.ended();
    this.#ownRows.endLook();
    this.#looks.end('no proxy');
    this.#release();
    this.#complete = 'no';
    this.#asking = NOT_ASKED;
    this.#ownRows.forget();
    for (const table of this.#ports.tables.all) {
      table.forgetHanded();
    }
    this.#link.acknowledge(this.#peerRows.drop());
    if (this.#asked !== 'no') {
      this.#answerPeer('no-proxy');
    }
  }

  // The link.

  /** The older of two seeds is kept, so that the mirror that knows more stays as it is. */
  up(peer: HashSeed): void {
    const { mirror, rowClock } = this.#ports;
    const jump = rowClock.takeJump();
    if (isOlder(peer, this.#seed)) {
      this.#seed = peer;
      this.#walker.reseed(peer);
      mirror.forget();
      this.#become('unknown');
    } else if (jump > SAME_TOUCH_MS) {
      // What it knows is of this node alone, by a clock that was so much behind.
      mirror.shift(jump);
    }
    this.#peerRows.forget();
    this.#ports.tables.forgetPeer();
    for (const table of this.#ports.tables.all) {
      this.#defineOnLink(table);
    }
    if (this.#session !== undefined) {
      this.#askPeer();
      this.#session.step({ kind: 'teach' });
    }
  }

  down(): void {
    // What was heard on the connection is in the versions since; only the next hello counts.
    this.#ports.rowClock.takeJump();
    this.#asking = NOT_ASKED;
    this.#asked = 'no';
    this.#peerRows.forget();
    const session = this.#session;
    if (session !== undefined) {
      this.#ownRows.settle(session, Number.POSITIVE_INFINITY);
      this.#kept.teach(session);
      this.openedWindow();
    }
  }

  definedByPeer(definition: TableDefinition): void {
    this.#ports.tables.definedByPeer(definition);
  }

  /** Rows of the other node's HAProxy. */
  rows(batch: RowsReader): void {
    const table = this.#ports.tables.ofPeer(batch.table);
    if (table === undefined) {
      this.#link.end(`rows of table ${String(batch.table)}, which was not defined`);
    } else if (this.#isHolding) {
      this.#peerRows.hold(batch);
    } else {
      this.#hand(batch, table);
    }
  }

  #hand(batch: RowsReader, table: RelayTable): void {
    const session = this.#session;
    const violation = this.#peerRows.hand(batch, { table, session, recovering: this.#recovering });
    if (violation !== undefined) {
      this.#link.end(`row of table ${table.name}: ${violation.where}, ${violation.code}`);
      return;
    }
    session?.step({ kind: 'handed' });
    this.#progress();
  }

  /** Until all is known nothing waits for the window: the other node may wait for the end of that, and both would for ever. */
  #become(own: Own): void {
    this.#own = own;
    this.#ownRows.pass(own === 'known' ? 'all' : 'what fits');
  }

  get #isHolding(): boolean {
    const state = this.#session?.state;
    // Where it is being taught it has nothing that could be lost.
    return state?.name === 'open' && state.learning.name === 'no' && this.#own !== 'known';
  }

  #release(): void {
    for (const batch of this.#peerRows.release()) {
      const table = this.#ports.tables.ofPeer(batch.table);
      if (table !== undefined) {
        this.#hand(batch, table);
      }
    }
  }

  acknowledgedByPeer(sequence: number): void {
    if (this.#session !== undefined) {
      this.#ownRows.settle(this.#session, sequence);
    }
  }

  teachAsked(): void {
    const session = this.#session;
    if (session?.state.name === 'open' && session.state.learning.name === 'no') {
      this.#asked = 'waiting';
      session.step({ kind: 'teach' });
    } else {
      // One that is being taught itself has nothing to tell, and two that wait for each other would wait for ever.
      this.#answerPeer('no-proxy');
    }
  }

  teachingEnds(how: TeachingEnd): void {
    this.#kept.taught(this.#session, how);
    // Otherwise all of it is told later, and its end again.
    if (how === 'complete' && this.#asking.name === 'asked') {
      this.#recovering = 'no';
      this.#asking = { name: 'handing', through: this.#link.received };
      this.#progress();
    }
  }

  /** The link takes rows again. */
  openedWindow(): void {
    if (this.#reading === 'paused') {
      this.#reading = 'on';
      this.#session?.resume();
    }
  }

  /** Once a second: HAProxy is not waited for without end. */
  tick(): void {
    this.#progress();
    this.#kept.tick(this.#session);
  }

  #progress(): void {
    const session = this.#session;
    if (session?.state.name !== 'open') {
      this.#link.acknowledge(this.#peerRows.drop());
      return;
    }
    const isHeard = session.state.learning.name === 'no' && this.#reading === 'on';
    const proxy = { acknowledges: isHeard ? 'now' : 'silent', queued: session.queued } as const;
    const through = this.#peerRows.progress(proxy);
    this.#link.acknowledge(through);
    if (this.#asking.name === 'handing' && through >= this.#asking.through) {
      this.#asking = NOT_ASKED;
      this.#complete = 'yes';
    }
  }

  /** What has been read already is still passed on. */
  #pauseIfShut(): void {
    const mayPause = this.#own === 'known' && this.#reading === 'on';
    if (mayPause && this.#link.window === 'shut') {
      this.#reading = 'paused';
      this.#session?.pause();
      this.#progress();
    }
  }

  #askPeer(): void {
    if (this.#link.status.state === 'up') {
      this.#asking = { name: 'asked' };
      this.#link.askToTeach();
    }
  }

  #answerPeer(how: TeachingEnd): void {
    // Where that was not all, or nothing, the other node is told again when HAProxy has told all.
    this.#asked = how === 'complete' ? 'no' : 'waiting';
    this.#link.teachingEnds(how);
  }

  #defineOnLink(table: RelayTable): void {
    if (table.own !== undefined && table.isAsked && this.#link.status.state === 'up') {
      this.#link.define({ ...table.own, id: table.id });
    }
  }

  get #link(): RelayLink {
    return this.#ports.link();
  }
}
