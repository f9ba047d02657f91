/** What every row goes through: each stage does one thing, and says how long it took until one router alone owned the address. */
import type { Instant, Millis } from '../../src/base/time.js';
import { between, centisToMillis, later, millis, scale, sum } from '../../src/base/time.js';
import type { LabPorts } from '../../src/lab/lab.js';
import { eventually } from '../../src/lab/pause.js';
import type { AdvertTape, TapedAdvert } from './advert-tape.js';
import type { LiveWatch } from './live-watch.js';
import type { Row } from './row.js';
import { changesWithin, intervalOf, quietAfter } from './row.js';
import type { Router } from './router.js';
import type { Site } from './site.js';

export const STAGES = [
  ...['start', 'join', 'stop', 'return', 'kill', 'restart'],
  ...['cut', 'heal', 'split', 'rejoin', 'end'],
] as const;
export type Stage = (typeof STAGES)[number];

export interface DrillParts {
  readonly row: Row;
  readonly site: Site;
  readonly ours: Router;
  readonly theirs: Router;
  readonly watch: LiveWatch;
  readonly tape: AdvertTape;
  readonly ports: LabPorts;
}

const LOOK_EVERY = millis(30);

export class Drill {
  readonly #parts: DrillParts;
  /** The one with the higher priority, and the other. */
  readonly #higher: Router;
  readonly #lower: Router;
  readonly #took = new Map<Stage, Millis>();
  #owner: Router;

  constructor(parts: DrillParts) {
    this.#parts = parts;
    const { row, ours, theirs } = parts;
    [this.#higher, this.#lower] = row.weAre === 'master' ? [ours, theirs] : [theirs, ours];
    this.#owner = this.#higher;
  }

  /** Milliseconds by stage; of the stages that were reached. */
  get took(): ReadonlyMap<Stage, Millis> {
    return this.#took;
  }

  /** Throws at the first stage that does not end as it must. */
  async run(): Promise<void> {
    await this.#starting('start', this.#higher);
    await this.#starting('join', this.#lower);
    await this.#stopping();
    await this.#starting('return', this.#higher);
    await this.#killing();
    await this.#cutting();
    await this.#splitting();
    await this.#ending();
  }

  /** Whoever comes back owns the addresses only if it is the one that takes them. */
  #ownerAfterReturnOf(router: Router): Router {
    return router === this.#higher && router.preempts === 'preempt' ? router : this.#owner;
  }

  async #starting(stage: Stage, router: Router): Promise<void> {
    await router.start();
    const startedAt = this.#now();
    await this.#ownedBy(stage, this.#ownerAfterReturnOf(router), startedAt);
  }

  /** Graceful: the owner says goodbye. */
  async #stopping(): Promise<void> {
    const owner = this.#owner;
    const askedAt = await owner.stop();
    await this.#ownedBy('stop', this.#otherThan(owner), askedAt);
  }

  async #killing(): Promise<void> {
    const killed = this.#owner;
    const heir = this.#otherThan(killed);
    const killedAt = killed.kill();
    if (killed.afterKill === 'answers') {
      // Its address stays behind and answers, by design: so the heir is known by its adverts, and by answering too.
      await this.#heardAsMaster(heir, killedAt);
      await killed.mend();
      await this.#ownedBy('kill', heir, this.#now());
      this.#took.set('kill', between(killedAt, this.#firstWord(heir, killedAt)));
    } else {
      await this.#ownedBy('kill', heir, killedAt, 'whatever the other lists');
    }
    await killed.mend();
    await this.#starting('restart', killed);
  }

  /** A cable: both ends notice. */
  async #cutting(): Promise<void> {
    const { site } = this.#parts;
    const cut = this.#owner;
    const cutAt = this.#now();
    await site.cable(cut.node, 'down');
    await this.#ownedBy('cut', this.#otherThan(cut), cutAt);
    const healedAt = this.#now();
    await site.cable(cut.node, 'up');
    const owner = cut.withoutLink === 'gives up' ? this.#ownerAfterReturnOf(cut) : this.#higher;
    await this.#ownedBy('heal', owner, healedAt);
  }

  /** A switch that forgets a port: nobody notices, each side has an owner, and one of them gives way when it is over. */
  async #splitting(): Promise<void> {
    const { site } = this.#parts;
    const parted = this.#owner;
    const partedAt = this.#now();
    await site.port(parted.node, 'parted');
    await this.#ownedBy('split', this.#otherThan(parted), partedAt, 'whatever the other lists');
    const joinedAt = this.#now();
    await site.port(parted.node, 'joined');
    await this.#ownedBy('rejoin', this.#higher, joinedAt);
  }

  async #ending(): Promise<void> {
    const { watch, row } = this.#parts;
    const askedAt = this.#now();
    await Promise.all([this.#owner.stop(), this.#otherThan(this.#owner).stop()]);
    const lasting = centisToMillis(intervalOf(row));
    await this.#until('end: nobody answers', askedAt, lasting, () => watch.silentSince(askedAt));
    for (const router of [this.#higher, this.#lower]) {
      this.#insist(!(await router.holds()), `end: ${router.program} has left its address behind`);
    }
    this.#took.set('end', between(askedAt, watch.silentSince(askedAt) ?? askedAt));
  }

  async #ownedBy(
    stage: Stage,
    owner: Router,
    from: Instant,
    lists: 'one lists it' | 'whatever the other lists' = 'one lists it',
  ): Promise<void> {
    const { row, watch } = this.#parts;
    const moves = owner !== this.#owner || stage === 'start' || stage === 'rejoin';
    const settled = sum(scale(centisToMillis(intervalOf(row)), 2), LAST_WORDS);
    const quiet = moves ? settled : quietAfter(row);
    const what = `${stage}: ${owner.program} owns the address alone`;
    const since = await this.#until(what, from, quiet, () => watch.soleSince(owner.macs, from));
    this.#took.set(stage, between(from, since));
    this.#owner = owner;
    await this.#aloneOnTape(stage, owner, since);
    this.#insist(await owner.holds(), `${stage}: ${owner.program} answers and lists no address`);
    if (lists === 'one lists it') {
      const other = this.#otherThan(owner);
      this.#insist(!(await other.holds()), `${stage}: ${other.program} lists the address too`);
    }
  }

  /** Who answers is who advertises. tshark reads a packet up to half a second after it was captured. */
  async #aloneOnTape(stage: Stage, owner: Router, since: Instant): Promise<void> {
    const { tape, ports, row } = this.#parts;
    const rejoined = row.audience === 'unicast' && ['heal', 'rejoin'].includes(stage);
    const from = later(since, rejoined ? KEPT_WORDS : LAST_WORDS);
    const isOwn = ({ mac }: TapedAdvert): boolean => owner.advertMacs.includes(mac);
    const patience = { within: TAPED_WITHIN, every: LOOK_EVERY };
    const heard = await eventually(ports.clock, patience, () => tape.adverts(from).some(isOwn));
    // From address to address nothing leaves a master whose kernel no longer knows where the peer is.
    const unheard = row.audience === 'unicast' && ['cut', 'split'].includes(stage);
    this.#insist(heard || unheard, `${stage}: ${owner.program} does not advertise`);
    const other = tape.adverts(from).find((each) => !isOwn(each) && each.priority !== 0);
    this.#insist(other === undefined, `${stage}: advertises too: ${JSON.stringify(other)}`);
  }

  /** It advertises, nobody else does, and it answers, even if a dead router's kernel answers beside it. */
  async #heardAsMaster(heir: Router, from: Instant): Promise<void> {
    const { watch, row } = this.#parts;
    const quiet = scale(centisToMillis(intervalOf(row)), 2);
    await this.#until(`kill: ${heir.program} is master`, from, quiet, () => {
      const answersSince = watch.amongSince(heir.macs, from);
      const speaksSince = this.#speaks(heir, from);
      return answersSince === undefined || speaksSince === undefined
        ? undefined
        : later(answersSince, millis(Math.max(0, between(answersSince, speaksSince))));
    });
  }

  #firstWord(router: Router, from: Instant): Instant {
    return this.#speaks(router, from) ?? from;
  }

  #speaks(router: Router, from: Instant): Instant | undefined {
    const heard = this.#parts.tape.adverts(from);
    return heard.find(({ mac }) => router.advertMacs.includes(mac))?.at;
  }

  /** Resolves with the instant since which it holds once it has held for `lasting`; throws if that was too late. */
  async #until(
    what: string,
    from: Instant,
    lasting: Millis,
    since: () => Instant | undefined,
  ): Promise<Instant> {
    const { row, ports } = this.#parts;
    const within = changesWithin(row);
    let held: Instant | undefined;
    const patience = { within: sum(within, lasting), every: LOOK_EVERY };
    const holds = await eventually(ports.clock, patience, () => {
      held = since();
      return held !== undefined && between(held, this.#now()) >= lasting;
    });
    if (!holds || held === undefined) {
      throw new Error(`not within ${within.toFixed(0)} ms: ${what}\n${this.#story(from)}`);
    }
    return held;
  }

  #insist(holds: boolean, otherwise: string): void {
    if (!holds) {
      throw new Error(`${otherwise}\n${this.#story(later(this.#now(), millis(-STORY_MS)))}`);
    }
  }

  #otherThan(router: Router): Router {
    return router === this.#higher ? this.#lower : this.#higher;
  }

  #now(): Instant {
    return this.#parts.ports.clock.now();
  }

  #story(from: Instant): string {
    const { watch, tape } = this.#parts;
    const adverts = tape
      .adverts(from)
      .slice(-STORY_LINES)
      .map(
        ({ at, source, priority, complaint }) =>
          `  ${between(from, at).toFixed(0)} ms: ${source} priority ${String(priority)} ${complaint}`,
      );
    return [
      `answers on the wire:\n${watch.story(from)}`,
      `the last adverts:\n${adverts.join('\n')}`,
    ].join('\n');
  }
}

/** Whoever gives way says a last word, and we say ours three times. */
const LAST_WORDS = millis(150);
/**
 * What is said to one peer while that is out of reach waits in the kernel, and leaves once the peer answers ARP again, for
 * which the kernel asks once a second.
 */
const KEPT_WORDS = millis(1_200);
const TAPED_WITHIN = millis(3_000);
const STORY_MS = 5_000;
const STORY_LINES = 12;
