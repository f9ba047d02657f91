/** Sees every step of the node, and tells of each change of a group's role what led to it and how long it took. */
import type { Instant, WallTime } from '../base/time.js';
import { between, tenths } from '../base/time.js';
import type { Notice } from '../core/notice.js';
import type { Clock } from '../ports/clock.js';
import type { NextRequest, ServedRequests } from '../ports/served-requests.js';
import type { Witness, WitnessedStep } from '../ports/witness.js';
import type { FirstRequestPhase, Phases, Transition } from '../telemetry/transition.js';
import { cut, evidenceOf, firstSignOf } from './evidence.js';

/** The first is 1 in each life of the daemon: numbers that last are given by whoever keeps the moves. */
export interface Move extends Omit<Transition, 'node' | 'epoch' | 'number' | 'pairTime'> {
  /** Before anything was done about it, by this node's monotonic clock. */
  readonly decidedAt: Instant;
  readonly order: number;
  readonly at: WallTime;
}

export interface MoveListener {
  moved(move: Move): void;
  /** The move to master of that order has been announced. */
  announced(order: number, phases: Pick<Phases, 'claimMs' | 'announceMs'>): void;
  /** Since then the proxy has answered a request, or none for a while. */
  served(order: number, firstRequest: FirstRequestPhase): void;
}

/** What is remembered of a group between steps. */
interface Standing {
  since: Instant;
  announcements: number;
  resignedAt: Instant | undefined;
  takeover: Takeover | undefined;
  /** Ends the watch for the first request; idle where there is none. */
  watch: AbortController;
}

interface Takeover {
  readonly order: number;
  readonly decidedAt: Instant;
  claimedAt: Instant;
  readonly firstRequest: Promise<NextRequest | undefined> | undefined;
}

export class MoveWitness implements Witness {
  readonly #clock: Clock;
  readonly #listener: MoveListener;
  readonly #standings = new Map<number, Standing>();
  readonly #began: Instant;
  #heartbeatAt: Instant | undefined;
  readonly #requests: ServedRequests | undefined;
  #order = 0;

  /** `requests`: of the local proxy; undefined where there is none. */
  constructor(clock: Clock, listener: MoveListener, requests?: ServedRequests) {
    this.#clock = clock;
    this.#listener = listener;
    this.#requests = requests;
    this.#began = clock.now();
  }

  saw(step: WitnessedStep): void {
    const { event, effects, before, after, at } = step;
    // One that was long under way changes nothing.
    if (event.kind === 'peer-heartbeat' && before.peer !== after.peer) {
      this.#heartbeatAt = at;
    }
    if (event.kind === 'addresses-held') {
      const { takeover } = this.#standing(event.group);
      if (takeover !== undefined) {
        takeover.claimedAt = at;
      }
    }
    if (before.groups !== after.groups) {
      this.#noteResignations(step);
    }
    for (const effect of effects) {
      if (effect.kind !== 'group') {
        continue;
      }
      if (effect.effect.kind === 'announce') {
        this.#announced(effect.group);
      } else if (effect.effect.kind === 'tell' && effect.effect.notice.event === 'vrrp.state') {
        this.#moved(step, effect.group, effect.effect.notice);
      }
    }
  }

  #noteResignations({ before, after, at }: WitnessedStep): void {
    for (const [index, { vrrp }] of after.groups.entries()) {
      const was = before.groups[index]?.vrrp;
      const resigned = vrrp.name === 'backup' && vrrp.resigned === 'yes';
      if (resigned && (was?.name !== 'backup' || was.resigned === 'no')) {
        this.#standing(index).resignedAt = at;
      }
    }
  }

  #moved(
    step: WitnessedStep,
    index: number,
    notice: Extract<Notice, { event: 'vrrp.state' }>,
  ): void {
    const { at, event } = step;
    const params = step.params.groups[index];
    const before = step.before.groups[index];
    const after = step.after.groups[index];
    if (params === undefined || before === undefined || after === undefined) {
      return;
    }
    const standing = this.#standing(index);
    const scene = {
      ...{ params, before, after, node: step.after, event, at },
      heartbeatAt: this.#heartbeatAt,
      resignedAt: standing.resignedAt,
    };
    const sign = firstSignOf(scene);
    this.#order += 1;
    this.#listener.moved({
      order: this.#order,
      decidedAt: at,
      at: this.#clock.wallTime(),
      group: notice.group,
      from: notice.from,
      to: notice.to,
      cause: cut(notice.cause),
      trigger: event.kind,
      evidence: evidenceOf(scene),
      phases: {
        decideMs: sign === undefined ? undefined : tenths(between(sign, at)),
        claimMs: undefined,
        announceMs: undefined,
        firstRequest: undefined,
      },
      ended: {
        lastedMs: Math.round(between(standing.since, at)),
        announcements: standing.announcements,
      },
    });
    standing.watch.abort();
    const watch = new AbortController();
    this.#standings.set(index, {
      ...{ since: at, announcements: 0, resignedAt: undefined, watch },
      takeover:
        notice.to === 'master'
          ? {
              ...{ order: this.#order, decidedAt: at, claimedAt: at },
              firstRequest: this.#nextRequest(step, index, watch.signal),
            }
          : undefined,
    });
  }

  /** The proxy does not say on which address it was asked: where it is asked on another group's, it says nothing of this one. */
  #nextRequest(
    { before }: WitnessedStep,
    index: number,
    gone: AbortSignal,
  ): Promise<NextRequest | undefined> | undefined {
    const serves = before.groups.some(
      ({ vrrp }, other) => other !== index && (vrrp.name === 'master' || vrrp.name === 'resigning'),
    );
    return serves ? undefined : this.#requests?.next(gone);
  }

  #announced(index: number): void {
    const standing = this.#standing(index);
    standing.announcements += 1;
    const { takeover } = standing;
    if (takeover === undefined) {
      return;
    }
    standing.takeover = undefined;
    const { order, decidedAt, claimedAt, firstRequest } = takeover;
    const announcedAt = this.#clock.now();
    this.#listener.announced(order, {
      claimMs: tenths(between(decidedAt, claimedAt)),
      announceMs: tenths(between(claimedAt, announcedAt)),
    });
    void firstRequest?.then((next) => {
      if (next !== undefined) {
        this.#listener.served(order, phaseOf(next, announcedAt));
      }
    });
  }

  #standing(index: number): Standing {
    const known = this.#standings.get(index);
    if (known !== undefined) {
      return known;
    }
    const fresh: Standing = {
      since: this.#began,
      announcements: 0,
      resignedAt: undefined,
      takeover: undefined,
      watch: new AbortController(),
    };
    this.#standings.set(index, fresh);
    return fresh;
  }
}

/** Announcing takes no time to speak of, and a request may have been quicker. */
function phaseOf(next: NextRequest, announcedAt: Instant): FirstRequestPhase {
  return next.kind === 'served'
    ? { kind: 'served', afterMs: Math.max(0, tenths(between(announcedAt, next.at))) }
    : { kind: 'none', withinMs: next.within };
}
