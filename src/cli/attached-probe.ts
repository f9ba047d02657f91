/** `vipair probe --attached`: measures for a program that started it, usually on another machine and through ssh. */
import { networkInterfaces } from 'node:os';
import type { Ip } from '../base/ip.js';
import { familyOf, parseIp } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { parseDuration } from '../config/duration.js';
import type { AttachedOptions, AttachedPorts } from '../prober/attached.js';
import { runAttached } from '../prober/attached.js';
import type { ProbeAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { authoritiesOfThisMachine, probeOptions } from './probe-options.js';
import { complain, stopWriting, whenWritten } from './terminal.js';

/** A reader that neither reads nor goes away gets no more after this. */
const READ_WITHIN: Millis = millis(60_000);
/** Fewer questions than this a second are no watch, more are a flood of broadcasts. */
const WATCH_EVERY = { least: millis(1), most: millis(1_000) } as const;

export async function attachedProbe(asked: ProbeAsked, ports: AttachedPorts): Promise<ExitCode> {
  const options = attachedOptions(asked);
  if (!options.ok) {
    options.error.forEach((each) => {
      complain(`vipair probe: ${each}`);
    });
    return EXIT.usage;
  }
  const outcome = await runAttached(options.value, ports);
  await Promise.race([whenWritten(), pause(ports)]);
  stopWriting();
  return outcome === 'reported' ? EXIT.ok : EXIT.failed;
}

function attachedOptions(asked: ProbeAsked): Result<AttachedOptions, readonly string[]> {
  const probe = probeOptions(asked, authoritiesOfThisMachine());
  if (asked.watch === undefined) {
    return probe.ok ? ok({ probe: probe.value, watch: undefined }) : probe;
  }
  const every = parseDuration(asked.watchEvery);
  const isEvery = every.ok && every.value >= WATCH_EVERY.least && every.value <= WATCH_EVERY.most;
  const wrong = isEvery ? [] : [`--watch-every: found ${asked.watchEvery}, expected 1ms to 1s`];
  if (!probe.ok || !every.ok || !isEvery) {
    return fail([...(probe.ok ? [] : probe.error), ...wrong]);
  }
  const target = probe.value.target.host;
  const sender = ownAddress(asked.watch, target);
  return sender.ok
    ? ok({
        probe: probe.value,
        watch: {
          question: { interface: asked.watch, target, sender: sender.value },
          every: every.value,
        },
      })
    : fail([`--watch: ${sender.error}`]);
}

/** With which the questions are asked, of the target's family. */
function ownAddress(name: string, target: Ip): Result<Ip, string> {
  const all = networkInterfaces()[name];
  if (all === undefined) {
    return fail(
      `found ${name}, expected an interface of this machine that is up and has an address`,
    );
  }
  const family = familyOf(target);
  const own = all
    .map(({ address }) => parseIp(address))
    .flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
    .filter((address) => familyOf(address) === family);
  // A link's own address is asked with where there is no other.
  const found = own.find((address) => !address.startsWith('fe80:')) ?? own[0];
  return found === undefined
    ? fail(`${name} has no address of the family of ${target}`)
    : ok(found);
}

function pause({ clock }: Pick<AttachedPorts, 'clock'>): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), READ_WITHIN), resolve);
  });
}
