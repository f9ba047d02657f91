/** The shape of what a group tracks: every kind of thing, what it accepts, and what its failure does. */
import { z } from 'zod';
import type { Ip } from '../../base/ip.js';
import { millis } from '../../base/time.js';
import type { TrackConfig, TrackConsequence, TrackedThingConfig, Rhythm } from '../config.js';
import {
  absolutePath,
  address,
  durationBetween,
  interfaceName,
  listOf,
  mapping,
  matching,
  name as serviceName,
  oneOf,
  PATH_BYTES,
  scriptArguments,
  userName,
  wholeNumber,
} from './kinds.js';

/** Exactly one of these names the thing. */
const KINDS = [
  'interface',
  'script',
  'process',
  'file',
  'neighbours',
  'backends',
  'services',
  'listeners',
  'proxy',
] as const;
type Kind = (typeof KINDS)[number];

/** Which further keys make sense for each kind of thing. */
const KEYS: Readonly<Record<Kind, readonly string[]>> = {
  interface: ['debounce'],
  script: ['args', 'user', 'every', 'timeout', 'rise', 'fall'],
  process: ['every', 'rise', 'fall'],
  file: ['every'],
  neighbours: ['every', 'timeout', 'rise', 'fall'],
  backends: ['quorum', 'every', 'rise', 'fall'],
  services: ['quorum', 'every', 'rise', 'fall'],
  listeners: ['every', 'rise', 'fall'],
  proxy: [],
};
const COMMON = ['name', 'fault', 'weight'];

const anHour = millis(3_600_000);
const looks = wholeNumber('a number of looks', { from: 1, to: 100 });
const each = durationBetween({ from: millis(100), to: anHour });

export const neighbourList: z.ZodType<readonly Ip[]> = listOf(address, {
  from: 1,
  to: 8,
  of: 'neighbours',
});

const entry = mapping({
  name: matching(
    /^[a-z0-9][a-z0-9._-]{0,31}$/u,
    'a name of at most 32 lower-case letters, digits, dots, underscores and hyphens',
  )
    .optional()
    .describe('What status and logs call it; made from the thing, if not given.'),
  interface: interfaceName.optional().describe('A network interface: fails without carrier.'),
  script: absolutePath({ atMost: PATH_BYTES })
    .optional()
    .describe('A program: fails when it ends with another code than 0, or not in time.'),
  process: matching(/^[^\s/]{1,64}$/u, 'the name of a program, such as nginx')
    .optional()
    .describe('A program that has to run.'),
  file: absolutePath({ atMost: PATH_BYTES }).optional().describe('A file that holds an integer.'),
  neighbours: neighbourList
    .optional()
    .describe('Machines on the LAN, such as the gateway: fails while none of them answers.'),
  backends: z
    .union(
      [
        z.literal('all'),
        listOf(matching(/^[A-Za-z0-9_.:-]{1,128}$/u, 'the name of a backend'), {
          from: 1,
          to: 64,
          of: 'backends',
        }),
      ],
      { error: 'the word all, or a list of backends' },
    )
    .optional()
    .describe(
      "The proxy's backends, by its own checks: fails while one of them has fewer of its servers up than the quorum.",
    ),
  services: z
    .union([z.literal('all'), listOf(serviceName, { from: 1, to: 32, of: 'services' })], {
      error: 'the word all, or a list of services',
    })
    .optional()
    .describe(
      "Services of the kernel, by this node's own checks: fails while one of them has fewer of its servers up than the quorum. all: those at the group's addresses that are checked.",
    ),
  listeners: listOf(wholeNumber('a port', { from: 1, to: 65_535 }), {
    from: 1,
    to: 16,
    of: 'ports',
  })
    .optional()
    .describe('TCP ports: fails while nothing listens on one of them, at an address of the group.'),
  quorum: matching(/^(?:100|[1-9]\d?)%$/u, 'a share from 1% to 100%')
    .transform((text) => Number(text.slice(0, -1)))
    .optional()
    .describe('How many of the servers of a backend or service have to be up, such as 50%.'),
  proxy: oneOf(['haproxy']).optional().describe('The configured proxy.'),
  debounce: durationBetween({ from: millis(10), to: millis(60_000) })
    .optional()
    .describe('How long a change of the interface has to last before it counts, such as 1s.'),
  args: scriptArguments.optional().describe('The arguments of the script; no shell reads them.'),
  user: userName.optional().describe('The user that the script runs as: nobody, if not given.'),
  every: each.optional().describe('How often it is looked at, such as 2s.'),
  timeout: durationBetween({ from: millis(10), to: millis(60_000) })
    .optional()
    .describe('How long one look may take, such as 1s.'),
  rise: looks.optional().describe('How many good looks in a row make it well again.'),
  fall: looks.optional().describe('How many bad looks in a row make it fail.'),
  fault: z
    .literal(true, { error: 'true' })
    .optional()
    .describe('Its failure makes this node unfit for the group.'),
  weight: wholeNumber('a weight', { from: -253, to: 253 })
    .refine((weight) => weight !== 0, { error: 'a weight other than 0' })
    .optional()
    .describe(
      'Added to the priority: while it fails where negative, while it is well where positive.',
    ),
});

type Entry = z.infer<typeof entry>;

export const track: z.ZodType<TrackConfig> = entry.transform((value, context): TrackConfig => {
  const kinds = KINDS.filter((kind) => value[kind] !== undefined);
  const [kind] = kinds;
  const refuse = (path: readonly string[], message: string): never => {
    context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  };
  if (kind === undefined || kinds.length > 1) {
    return refuse([], `exactly one of ${KINDS.join(', ')}`);
  }
  if ((value.fault === undefined) === (value.weight === undefined)) {
    return refuse([], 'exactly one of fault and weight: what its failure does');
  }
  const allowed = [kind, ...KEYS[kind], ...COMMON];
  const strange = Object.keys(value).filter((key) => !allowed.includes(key));
  for (const key of strange) {
    refuse([key], `no such key beside ${kind}; it takes ${allowed.slice(1).join(', ')}`);
  }
  const thing = thingOf(kind, value);
  return { name: value.name ?? nameOf(kind, value), thing, consequence: consequenceOf(value) };
});

function consequenceOf({ weight }: Entry): TrackConsequence {
  return weight === undefined ? { kind: 'fault' } : { kind: 'weight', weight };
}

/** Two looks up, two down: one lost packet or one slow answer moves nothing. */
const LOOKS = 2;
/** As keepalived's vrrp_script interval, which is 1s too. */
const EVERY = millis(1000);
const USUAL: Rhythm = { every: EVERY, rise: LOOKS, fall: LOOKS };
/**
 * The checks of the two nodes find a server down seconds apart: what both are about to lose must not move the group, so
 * ten seconds pass first.
 */
const PATIENT: Rhythm = { every: millis(2000), rise: 5, fall: 5 };
/** Of the servers that nobody took out of service. */
const QUORUM = 50;
/** The kernel tells at once; a port that comes up may still be learning. */
const DEBOUNCE = millis(1000);
/** ARP is answered within milliseconds; a busy gateway limits how many it answers. */
const ANSWER_WITHIN = millis(500);

function thingOf(kind: Kind, value: Entry): TrackedThingConfig {
  const usual = kind === 'backends' || kind === 'services' ? PATIENT : USUAL;
  const { every = usual.every, rise = usual.rise, fall = usual.fall } = value;
  return THINGS[kind](value, { every, rise, fall });
}

const THINGS: Readonly<Record<Kind, (value: Entry, rhythm: Rhythm) => TrackedThingConfig>> = {
  interface: (value) => ({
    kind: 'interface',
    interface: value.interface ?? '',
    debounce: value.debounce ?? DEBOUNCE,
  }),
  script: (value, rhythm) => ({
    kind: 'script',
    path: value.script ?? '',
    args: value.args ?? [],
    user: value.user ?? 'nobody',
    // Not longer than the pause between two runs, so that none waits for another.
    timeout: value.timeout ?? rhythm.every,
    ...rhythm,
  }),
  process: (value, rhythm) => ({ kind: 'process', program: value.process ?? '', ...rhythm }),
  file: (value, { every }) => ({ kind: 'file', path: value.file ?? '', every }),
  neighbours: (value, rhythm) => ({
    kind: 'neighbours',
    // The group's own, which is known one level up.
    interface: '',
    addresses: value.neighbours ?? [],
    timeout: value.timeout ?? ANSWER_WITHIN,
    ...rhythm,
  }),
  backends: (value, rhythm) => ({
    kind: 'backends',
    backends: value.backends ?? 'all',
    quorum: value.quorum ?? QUORUM,
    ...rhythm,
  }),
  services: (value, rhythm) => ({
    kind: 'services',
    services: value.services ?? 'all',
    // The group's own, which are known one level up.
    addresses: [],
    quorum: value.quorum ?? QUORUM,
    ...rhythm,
  }),
  listeners: (value, rhythm) => ({
    kind: 'listeners',
    // The group's own, which are known one level up.
    addresses: [],
    ports: value.listeners ?? [],
    ...rhythm,
  }),
  proxy: () => ({ kind: 'proxy' }),
};

/** The thing itself, without the directories before it. */
function nameOf(kind: Kind, value: Entry): string {
  const named = value[kind];
  const isWord = kind === 'proxy' || kind === 'backends' || kind === 'services';
  const isPath = !isWord && typeof named === 'string';
  const text = isPath ? named : kind;
  return text.split('/').at(-1) ?? kind;
}
