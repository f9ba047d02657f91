/** Reports as a pair with adverts of 100 ms would make them: one that passed, one that missed, one that was stopped. */
import type { DrillReport, DrillStretch } from '../../../src/telemetry/drill.js';

const STARTED = Date.UTC(2026, 2, 2, 4, 11, 7, 214);
const UNLIMITED = {
  ...{ gapMs: undefined, failed: undefined, streamsBroken: undefined },
  ...{ twoOwnersMs: undefined, noOwnerMs: undefined, moves: undefined },
};

/** Stretches of a quarter of a second, 50 requests each; lb1 answers until the fault, lb2 from `back` on. */
function plot(back: number): readonly DrillStretch[] {
  return Array.from({ length: 72 }, (_each, index): DrillStretch => {
    const atMs = (index - 20) * 250;
    const lost = Math.max(0, Math.min(250, back - atMs));
    const failed = atMs < 0 ? 0 : Math.round(lost / 5);
    // A slow wave and a short one: about what a machine that does other work too shows.
    const medianMs = 1.4 + 0.3 * Math.sin(index / 5) + 0.15 * ((index * 7) % 5);
    const isAfter = atMs >= 0 && atMs < back + 500;
    return {
      ...{ atMs, requests: 50, failed },
      medianMs: failed === 50 ? undefined : medianMs,
      slowestMs: failed === 50 ? undefined : medianMs * 3 + (isAfter ? 40 : (index * 5) % 9),
      node: failed === 50 ? undefined : atMs < 0 ? 'lb1' : 'lb2',
    };
  });
}

export const PASSED: DrillReport = {
  version: 1,
  id: '20260302T041107-daemon-crash-lb1',
  drill: 'daemon-crash',
  summary: 'The daemon of the master is killed; its node still runs.',
  nodes: ['lb1', 'lb2'],
  ...{ by: 'lb2', target: 'lb1', release: '0.1.0' },
  ...{ startedAt: STARTED, endedAt: STARTED + 24_310 },
  acts: ['kill -9 of the daemon on lb1', 'systemd starts it again after 2 s'],
  expected: 'lb2 takes over within 600 ms; lb1 comes back as backup.',
  verdict: 'passed',
  why: [],
  figures: {
    ...{ requests: 3_600, failed: 63, gapMs: 315, silenceMs: 318.4, slowestMs: 48.2 },
    ...{ streams: 4, streamsBroken: 4, twoOwnersMs: 0, noOwnerMs: 298, moves: 1 },
  },
  limits: { ...UNLIMITED, gapMs: 600, failed: 120, twoOwnersMs: 0, noOwnerMs: 600, moves: 1 },
  audits: [
    { name: 'one owner', outcome: 'passed', detail: '10.77.0.100 is held by lb2 alone' },
    {
      name: "clients' ARP",
      outcome: 'passed',
      detail: 'ops1 has 02:00:0a:4d:00:02, which is lb2',
    },
    { name: 'nothing left', outcome: 'passed', detail: 'no address, rule, process or open file' },
    { name: 'tables equal', outcome: 'passed', detail: '3 tables, 4812 rows' },
    { name: 'intent equal', outcome: 'passed', detail: 'both nodes have statement 41' },
    {
      name: 'history entry',
      outcome: 'unknown',
      detail: 'the history of lb1 begins after the fault: its daemon had just begun',
    },
  ],
  timeline: [
    {
      ...{ atMs: -5_020, source: 'operator', node: 'lb2', phase: undefined },
      text: 'asks for the drill, and is told what it does',
    },
    { atMs: 0, source: 'hand', node: 'lb1', text: 'kills the daemon (pid 4711)', phase: 'fault' },
    {
      ...{ atMs: 96.4, source: 'history', node: 'lb2', phase: 'noticed' },
      text: 'the heartbeat of lb1 is gone; the connection was reset',
    },
    {
      ...{ atMs: 301.2, source: 'history', node: 'lb2', phase: 'decided' },
      text: 'web: backup → master, master-silent',
    },
    {
      ...{ atMs: 302, source: 'history', node: 'lb2', phase: 'claimed' },
      text: 'web: holds 10.77.0.100/24',
    },
    {
      ...{ atMs: 302.6, source: 'history', node: 'lb2', phase: 'announced' },
      text: 'web: gratuitous ARP, both forms',
    },
    {
      ...{ atMs: 315, source: 'clients', node: undefined, phase: 'answered' },
      text: 'the first answer, from lb2',
    },
    {
      ...{ atMs: 2_410, source: 'history', node: 'lb1', phase: undefined },
      text: 'the daemon starts, and is backup',
    },
    {
      ...{ atMs: 12_004, source: 'hand', node: 'lb1', phase: undefined },
      text: 'finds nothing to undo: the daemon runs again (pid 4983)',
    },
  ],
  plot: plot(315),
  prober: {
    ...{ target: '10.77.0.100:80', command: 'ssh ops1 vipair probe --attached', everyMs: 5 },
    ...{ hides: undefined, clockWithinMs: 1.4 },
  },
  notes: ['The clock of ops1 is 340 ms ahead of that of lb2.'],
};

export const FAILED: DrillReport = {
  ...PASSED,
  id: '20260302T041207-vrrp-filtered-lb1',
  drill: 'vrrp-filtered',
  summary: "The master's adverts are dropped on their way out; everything else gets through.",
  ...{ startedAt: STARTED + 60_000, endedAt: STARTED + 81_900 },
  acts: ['drops adverts that lb1 sends on eth0, for 10 s'],
  expected: 'Nothing moves: the heartbeat says that lb1 is master and its LAN is reachable.',
  verdict: 'failed',
  why: [
    'The longest gap was 1.24 s, and at most 600 ms are borne: lb2 took over although lb1 lived, for the pair channel was down before the drill.',
    '2 moves, and at most 0 are borne.',
    'Two owners for 812 ms: <lb1> & "lb2" both answered.',
  ],
  figures: {
    ...{ requests: 3_600, failed: 248, gapMs: 1_240, silenceMs: 1_243, slowestMs: 212 },
    ...{ streams: undefined, streamsBroken: undefined, twoOwnersMs: 812, noOwnerMs: 0, moves: 2 },
  },
  limits: { ...UNLIMITED, gapMs: 600, failed: 120, streamsBroken: 0, twoOwnersMs: 0, moves: 0 },
  audits: [
    {
      name: 'one owner',
      outcome: 'failed',
      detail: '10.77.0.100 is held by lb1 and by lb2; run `vipair drill undo` on lb1',
    },
    { name: 'tables equal', outcome: 'unknown', detail: 'lb1 does not answer' },
  ],
  timeline: PASSED.timeline.slice(0, 4),
  plot: plot(1_240),
  prober: {
    ...{ target: '10.77.0.100:80', command: 'vipair probe --attached', everyMs: 5 },
    hides: 'It ran on lb2 itself: what happens between the pair and its clients is hidden.',
    clockWithinMs: undefined,
  },
  notes: [],
};

export const STOPPED: DrillReport = {
  ...PASSED,
  id: '20260302T041307-daemon-freeze-lb1',
  drill: 'daemon-freeze',
  verdict: 'stopped',
  why: ['Stopped by the operator after 3.2 s.'],
  figures: {
    ...{ requests: undefined, failed: undefined, gapMs: undefined, silenceMs: undefined },
    ...{ slowestMs: undefined, streams: undefined, streamsBroken: undefined },
    ...{ twoOwnersMs: undefined, noOwnerMs: undefined, moves: undefined },
  },
  audits: [],
  timeline: [],
  plot: [],
  prober: undefined,
};
