/** What was checked on both nodes goes into its place: on the standby, which is watched and may have to prove it, then here. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { later } from '../base/time.js';
import { SHARED_NAME } from '../core/push-places.js';
import { fallenSince } from '../core/push-watch.js';
import type {
  PushedFileReport,
  PushedSharedReport,
  PushOrder,
  PushReport,
} from '../telemetry/push.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PushFile } from './collect.js';
import { collect } from './collect.js';
import type { Conversation } from './conversation.js';
import { prove } from './proof.js';
import { lookAtProxy } from './proxy-look.js';
import type { SenderOptions, SenderPorts } from './sender-ports.js';
import type { Shared } from './shared.js';
import { lookAtShared, takenOver } from './shared.js';
import { LOOK_EVERY, LOOKS_IN_VAIN, pause } from './watching.js';

export type Report = Omit<PushReport, 'node' | 'peer' | 'files' | 'notSent' | 'given'> &
  Partial<Pick<PushReport, 'given'>>;

/** All that goes to the other node, and what is there of it. */
export interface Sending {
  readonly files: readonly PushFile[];
  readonly reports: readonly PushedFileReport[];
  readonly shared: Shared;
  readonly first: 'here' | 'there';
}

export class Installation {
  readonly #options: SenderOptions;
  readonly #ports: SenderPorts;

  constructor(options: SenderOptions, ports: SenderPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  async install(
    order: PushOrder,
    { files, first, shared, proxy }: Sending & { readonly proxy: 'reload' | 'leave' },
    talk: Conversation,
  ): Promise<Result<Report, Refusal>> {
    const { node, peer } = this.#options;
    const load = (): Promise<string | undefined> =>
      proxy === 'reload' ? this.#loadHere() : Promise.resolve(undefined);
    if (first === 'here') {
      const here = await load();
      if (here !== undefined) {
        return refuse(
          'cannot-be-carried-out',
          `${peer} was not touched: ${node} goes first, and ${here}`,
        );
      }
    }
    const changed = await this.#changedSince(files);
    if (changed !== undefined) {
      return refuse('cannot-be-carried-out', `${peer} was not touched: ${changed}; push again`);
    }
    const begun = await talk.install(order.to);
    if (!begun.ok) {
      return begun;
    }
    const end = await talk.ended();
    const told = { first: first === 'here' ? node : peer };
    if (end.outcome !== 'kept') {
      const back = ofShared(
        shared,
        end.outcome === 'rolled back' ? PUT_BACK : { outcome: 'not taken over', why: end.why },
      );
      return ok({ outcome: end.outcome, why: end.why, ...told, shared: back });
    }
    const after = first === 'there' ? await this.#follow(order, { files, load }, talk) : PROVEN;
    if (after.why !== undefined) {
      const left = ofShared(shared, after.outcome === 'rolled back' ? PUT_BACK : NOT_RELOADED);
      return ok({ outcome: 'kept there only', shared: left, ...told, ...after });
    }
    const taken =
      shared.file === undefined
        ? shared.report
        : await takenOver(shared.file.path, talk, () => this.#ports.reload());
    return ok({ outcome: 'pushed', ...told, ...after, shared: taken });
  }

  /** Once the other node has kept the files: it may have to prove them under traffic, then this node loads its own. */
  async #follow(
    { then }: PushOrder,
    {
      files,
      load,
    }: { readonly files: readonly PushFile[]; readonly load: () => Promise<string | undefined> },
    talk: Conversation,
  ): Promise<Pick<Report, 'why' | 'given'> & Partial<Pick<Report, 'outcome'>>> {
    const { settings } = this.#ports;
    const proof =
      then === 'switchover'
        ? await prove(this.#options, talk, { ...this.#ports, watch: () => settings().watch })
        : PROVEN;
    if (proof.why === undefined) {
      return { ...proof, why: (await this.#changedSince(files)) ?? (await load()) };
    }
    return proof.given.length > 0 ? proof : this.#takeBack(proof.why, talk);
  }

  /** The other node serves nobody again: it may as well have the files that did. */
  async #takeBack(
    why: string,
    talk: Conversation,
  ): Promise<Pick<Report, 'why'> & { readonly outcome: PushReport['outcome'] }> {
    const begun = await talk.undo();
    if (!begun.ok) {
      return { outcome: 'kept there only', why: `${why}; ${begun.error.detail}` };
    }
    const end = await talk.ended();
    return end.outcome === 'kept'
      ? { outcome: 'rolled back', why }
      : {
          outcome: 'kept there only',
          why: `${why}; and its former files are not back: ${end.why}`,
        };
  }

  /** Undefined where all is as it was sent. */
  async #changedSince(files: readonly PushFile[]): Promise<string | undefined> {
    const { settings } = this.#ports;
    const { places, further } = settings();
    const now = await collect(places, further, this.#ports.files);
    if (!now.ok) {
      return now.error;
    }
    const shared = files.find(({ name }) => name === SHARED_NAME);
    const found = shared === undefined ? undefined : await lookAtShared(places, this.#ports.files);
    const isShared = found?.ok === true && found.value.kind === 'file';
    const bytes = isShared ? found.value.bytes : new Uint8Array();
    const all = shared === undefined ? now.value.files : [...now.value.files, { ...shared, bytes }];
    const sent = new Map(files.map((each) => [each.path, each.bytes]));
    // Byte by byte: to hash all of them once more would keep the daemon from its adverts for milliseconds.
    const other = all.find((each) => {
      const before = sent.get(each.path);
      return before === undefined || Buffer.compare(before, each.bytes) !== 0;
    });
    return other === undefined ? undefined : `${other.path} has changed on this node meanwhile`;
  }

  /** Undefined where this node's proxy serves with its own files as well as before; else why not. */
  async #loadHere(): Promise<string | undefined> {
    const { proxy, servers, clock, settings } = this.#ports;
    const before = await lookAtProxy(servers);
    if (before.serves === 'no') {
      return `its HAProxy does not serve: ${before.why}`;
    }
    const reloaded = await proxy.reload();
    if (!reloaded.ok) {
      return `its HAProxy was not reloaded: ${reloaded.error.detail}`;
    }
    const until = later(clock.now(), settings().watch);
    let fallen: string | undefined;
    let times = 0;
    do {
      await pause(clock, LOOK_EVERY);
      fallen = fallenSince(before, await lookAtProxy(servers));
      times = fallen === undefined ? 0 : times + 1;
    } while (clock.now() < until && times < LOOKS_IN_VAIN);
    return fallen === undefined ? undefined : `its HAProxy was reloaded and fares worse: ${fallen}`;
  }
}

/** Of a vipair.yaml that was sent; of another one nothing has changed. */
function ofShared(
  { file, report }: Shared,
  became: Omit<PushedSharedReport, 'path'>,
): PushedSharedReport | undefined {
  return file === undefined ? report : { path: file.path, ...became };
}

function refuse(code: Refusal['code'], detail: string): Result<never, Refusal> {
  return fail({ code, detail });
}

const PROVEN = { why: undefined, given: [] };
const PUT_BACK = { outcome: 'put back', why: undefined } as const;
const NOT_RELOADED = {
  outcome: 'not taken over',
  why: 'it was not reloaded after what went wrong: vipair reload takes it over',
} as const;
