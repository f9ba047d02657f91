/**
 * The registers of operators on the disk: read back after a restart, each change written as one line, and now and then
 * all of them anew, so that the file stays small. Whatever the disk does, the daemon goes on with what it has in memory.
 */
import type { Result } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import type { Register } from '../core/registers.js';
import { merge, MOST_REGISTERS, NO_REGISTERS } from '../core/registers.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Journal, JournalFailure } from '../ports/journal.js';
import type { Log } from '../telemetry/events.js';
import type { KeptWhere } from '../telemetry/servers.js';
import { checkedLine, readCheckedLine } from './checked-line.js';
import { inTime } from '../ports/in-time.js';

export interface RegisterJournalPorts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly log: Log;
  /** All that is to be kept. */
  readonly all: () => Iterable<Register>;
}

export class RegisterJournal {
  readonly #ports: RegisterJournalPorts;
  /** What is not on the disk yet, by key: of each the last one, so no more than there are registers. */
  readonly #waiting = new Map<string, Register>();
  #lines = 0;
  #disk: 'unread' | 'idle' | 'busy' | 'failing' = 'unread';
  #work: Promise<void> = Promise.resolve();
  #retry: Alarm | undefined;
  #complainedAt: Instant | undefined;

  constructor(ports: RegisterJournalPorts) {
    this.#ports = ports;
  }

  /** What former daemons kept. A disk that does not answer is waited for, but not for long. */
  async load(): Promise<readonly Register[]> {
    const { clock, log } = this.#ports;
    const found = new Found();
    const outcome = await inTime(clock, READ_PATIENCE, found.read(this.#ports.journal));
    if (outcome === 'gave up' || found.failure !== undefined) {
      const detail = found.failure?.detail ?? `not read within ${String(READ_PATIENCE)} ms`;
      log.tell({ event: 'intent.unreadable', detail });
    }
    const { damaged, unknown } = found;
    if (damaged + unknown > 0) {
      log.tell({ event: 'intent.skipped', damaged, unknown });
    }
    this.#lines = found.lines;
    this.#disk = 'idle';
    this.#write();
    return [...found.registers];
  }

  get where(): KeptWhere {
    return WHERE[this.#disk];
  }

  /** What has been stated, here or by the other node. It is written as soon as what was kept before is read. */
  keep(registers: readonly Register[]): void {
    for (const each of registers) {
      this.#waiting.set(each.key, each);
    }
    this.#write();
  }

  /** Resolves when all is written that can be, or after a while. */
  async settled(within: Millis): Promise<void> {
    await inTime(this.#ports.clock, within, this.#work);
  }

  /** Nothing is tried again after it. */
  stop(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #write(): void {
    if (this.#waiting.size > 0 && (this.#disk === 'idle' || this.#disk === 'failing')) {
      this.stop();
      this.#work = this.#writeWaiting(this.#disk);
    }
  }

  async #writeWaiting(before: 'idle' | 'failing'): Promise<void> {
    this.#disk = 'busy';
    while (this.#waiting.size > 0) {
      const written = await this.#writeSome();
      if (!written.ok) {
        this.#disk = 'failing';
        this.#complain(written.error);
        const { clock } = this.#ports;
        this.#retry = clock.alarm(later(clock.now(), RETRY_AFTER), () => {
          this.#write();
        });
        return;
      }
    }
    this.#disk = 'idle';
    if (before === 'failing') {
      this.#complainedAt = undefined;
      this.#ports.log.tell({ event: 'intent.kept' });
    }
  }

  /** One line; or all of them anew, where many wait or much of what the file holds has been overtaken. */
  async #writeSome(): Promise<Result<undefined, JournalFailure>> {
    const { journal, all } = this.#ports;
    const [first] = this.#waiting.values();
    const isOne =
      first !== undefined && this.#waiting.size <= MOST_APPENDED && this.#lines < MOST_LINES;
    const taken = isOne ? [first] : [...this.#waiting.values()];
    for (const { key } of taken) {
      this.#waiting.delete(key);
    }
    const lines = isOne ? [formatLine(first)] : [...all()].map(formatLine);
    const written = await (isOne ? journal.append(lines.join('')) : journal.replace(lines));
    if (written.ok) {
      this.#lines = isOne ? this.#lines + 1 : lines.length;
      return written;
    }
    for (const each of taken) {
      // One that was stated meanwhile is later.
      this.#waiting.set(each.key, this.#waiting.get(each.key) ?? each);
    }
    return written;
  }

  #complain({ detail }: JournalFailure): void {
    const { clock, log } = this.#ports;
    const now = clock.now();
    if (this.#complainedAt === undefined || between(this.#complainedAt, now) >= COMPLAIN_AGAIN) {
      this.#complainedAt = now;
      log.tell({ event: 'intent.not-kept', detail });
    }
  }
}

/** What this version makes of what is on the disk: nothing is changed. */
export async function surveyRegisters(
  journal: Pick<Journal, 'read'>,
): Promise<Pick<Found, 'damaged' | 'unknown' | 'failure'>> {
  const found = new Found();
  await found.read(journal);
  return found;
}

/** What is on the disk, line by line. */
class Found {
  #registers = NO_REGISTERS;
  lines = 0;
  damaged = 0;
  /** Lines of another version. */
  unknown = 0;
  failure: JournalFailure | undefined;

  get registers(): Iterable<Register> {
    return this.#registers.byKey.values();
  }

  /** Resolves when there is no more, or no more can be read. */
  async read(journal: Pick<Journal, 'read'>): Promise<void> {
    for await (const lines of journal.read()) {
      if (!lines.ok) {
        this.failure = lines.error;
        return;
      }
      this.lines += lines.value.length;
      this.#registers = merge(
        this.#registers,
        lines.value.flatMap((line) => this.#take(line)),
      ).registers;
    }
  }

  #take(line: string): readonly Register[] {
    const entry = readCheckedLine(line) as Entry | undefined;
    if (entry?.version === VERSION && entry.kind === 'register') {
      return [entry.register];
    }
    this[entry === undefined ? 'damaged' : 'unknown'] += 1;
    return [];
  }
}

interface Entry {
  readonly version: number;
  readonly kind: string;
  readonly register: Register;
}

function formatLine(register: Register): string {
  return checkedLine({ version: VERSION, kind: 'register', register } satisfies Entry);
}

const VERSION = 1;
const WHERE: Readonly<Record<'unread' | 'idle' | 'busy' | 'failing', KeptWhere>> = {
  unread: 'being read',
  idle: 'on disk',
  busy: 'on disk',
  failing: 'memory only',
};
/** One by one; more are written together. */
const MOST_APPENDED = 32;
/** Before all are written anew: as many overtaken lines as there can be others. */
const MOST_LINES = 2 * MOST_REGISTERS;
const READ_PATIENCE = millis(5000);
const RETRY_AFTER = millis(10_000);
const COMPLAIN_AGAIN = millis(600_000);
