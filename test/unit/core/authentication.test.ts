import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { WallTime } from '../../../src/base/time.js';
import { instant, millis, wallTime } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type {
  AuthenticationParams,
  AuthenticationState,
  Moment,
} from '../../../src/core/authentication.js';
import {
  authenticate,
  goOnSigning,
  NOTHING_SIGNED,
  sign,
  signingAhead,
} from '../../../src/core/authentication.js';
import type { Signed } from '../../../src/wire/trailer.js';
import { encodeTrailer, readTrailer } from '../../../src/wire/trailer.js';
import { TRAILER_BYTES } from '../../../src/wire/vrrp.js';

const NOW = wallTime(1_700_000_000_250);
const FIRST = { id: 1, secret: new Uint8Array(32).fill(1) };
const SECOND = { id: 2, secret: new Uint8Array(32).fill(2) };
const PARAMS: AuthenticationParams = {
  mode: 'enforce',
  keys: [FIRST, SECOND],
  signWith: 1,
  window: millis(5000),
  replay: 'time',
};
const MESSAGE = Uint8Array.from(Buffer.from('3133c80100644402c0000264', 'hex'));
const peer = (last: number): Ip => `198.51.100.${String(last)}` as Ip;
const signedBy = (source: Ip): Signed => ({ version: 3, source, message: MESSAGE });

const after = (seconds: number): WallTime => wallTime(NOW + seconds * 1000);

/** Of a wall clock that was set by so many seconds, so many seconds after `NOW`; the monotonic one began a minute before. */
const moment = (set: number, later = 0): Moment => ({
  wall: after(set + later),
  now: instant(60_000 + later * 1000),
});

/** An advert of a peer, signed by it at `at`. */
function heard(
  at: WallTime,
  changes: { readonly from?: Ip; readonly params?: AuthenticationParams } = {},
): { readonly signed: Signed; readonly trailer: Uint8Array } {
  const signed = signedBy(changes.from ?? peer(11));
  const { bytes } = sign(changes.params ?? PARAMS, NOTHING_SIGNED, signed, {
    wall: at,
    now: instant(0),
  });
  return { signed, trailer: bytes.subarray(MESSAGE.length) };
}

const judged = (
  params: AuthenticationParams,
  state: AuthenticationState,
  advert: Parameters<typeof authenticate>[2],
): string => authenticate(params, state, advert, NOW).rejected ?? 'heard';

describe('an advert to send', () => {
  it('is signed with the chosen key, at the time of day', () => {
    const { state, bytes } = sign(
      { ...PARAMS, signWith: 2 },
      NOTHING_SIGNED,
      signedBy(peer(10)),
      moment(0),
    );
    expect(bytes).toHaveLength(MESSAGE.length + TRAILER_BYTES);
    const sequence = (1_700_000_000n << 32n) | (0x4000n << 16n);
    expect(state.sent).toBe(sequence);
    expect(readTrailer(bytes.subarray(MESSAGE.length))).toMatchObject({
      value: { keyId: 2, sequence },
    });
  });

  it('is left bare where signatures are only received', () => {
    const { bytes } = sign(
      { ...PARAMS, mode: 'receive-only' },
      NOTHING_SIGNED,
      signedBy(peer(10)),
      moment(0),
    );
    expect(bytes).toBe(MESSAGE);
  });

  it('never has a number twice, however many there are in one moment', () => {
    let state = NOTHING_SIGNED;
    const numbers = Array.from({ length: 5 }, () => {
      state = sign(PARAMS, state, signedBy(peer(10)), moment(0)).state;
      return state.sent;
    });
    expect(new Set(numbers).size).toBe(5);
  });

  it.each<[string, AuthenticationParams['replay'], number, 'clock' | 'counts on']>([
    ['a little', 'time', -3, 'counts on'],
    ['a little', 'monotonic', -3, 'counts on'],
    ['far', 'time', -60, 'clock'],
    ['far', 'monotonic', -60, 'counts on'],
  ])('after the clock was set back %s, in %s order', (_far, replay, by, expected) => {
    const first = sign({ ...PARAMS, replay }, NOTHING_SIGNED, signedBy(peer(10)), moment(0));
    const next = sign({ ...PARAMS, replay }, first.state, signedBy(peer(10)), moment(by));
    const counted = (first.state.sent ?? 0n) + 1n;
    expect(next.state.sent === counted ? 'counts on' : 'clock').toBe(expected);
  });

  describe('after the clock was ahead, and then far back for a moment', () => {
    const signedAt = (state: AuthenticationState, at: Moment): AuthenticationState =>
      sign(PARAMS, state, signedBy(peer(10)), at).state;
    const ahead = signedAt(NOTHING_SIGNED, moment(2));
    const back = signedAt(ahead, moment(-60, 0.1));

    it.each<[string, Moment, 'goes on' | 'clock']>([
      ['is right again', moment(0, 0.2), 'goes on'],
      ['is as far ahead again', moment(2, 0.2), 'clock'],
      ['stays back', moment(-60, 0.2), 'clock'],
      ['is slewed', moment(-59.95, 0.2), 'clock'],
      ['is right again after two windows', moment(0, 10.2), 'clock'],
      ['is nearer, and still far back', moment(-10, 0.2), 'clock'],
    ])('and %s', (_, at, expected) => {
      const { sent } = signedAt(back, at);
      const clock = signedAt(NOTHING_SIGNED, at).sent;
      expect(sent).toBe(expected === 'clock' ? clock : (ahead.sent ?? 0n) + 1n);
    });

    it.each([-120, 60])('then set by %s s, and right again', (by) => {
      const further = signedAt(back, moment(by, 0.2));
      expect(signedAt(further, moment(0, 0.3)).sent).toBe((ahead.sent ?? 0n) + 1n);
    });

    it('remembers eight settings of the clock', () => {
      let state = NOTHING_SIGNED;
      for (let nth = 0; nth < 20; nth += 1) {
        state = signedAt(state, moment(nth % 2 === 0 ? -60 : 0, nth / 10));
      }
      expect(state.left).toHaveLength(8);
    });
  });

  describe('of a daemon that follows another of the same boot', () => {
    const BOOTED = wallTime(NOW - 60_000);
    const at = (seconds: number) => instant(60_000 + seconds * 1000);
    const ahead = (later: number) =>
      signingAhead(PARAMS, undefined, NOTHING_SIGNED, moment(0, later));

    it('is later than all of its predecessor, wherever the wall clock was set meanwhile', () => {
      const kept = ahead(0);
      const last = sign(PARAMS, NOTHING_SIGNED, signedBy(peer(10)), moment(0)).state;
      const next = sign(PARAMS, goOnSigning(kept, at(0)), signedBy(peer(10)), moment(-2)).state;
      expect(next.sent).toBeGreaterThan(last.sent ?? 0n);
    });

    it('begins anew where the clock was set back so far that its predecessor is stale', () => {
      const begun = goOnSigning(ahead(0), at(1));
      const { sent } = sign(PARAMS, begun, signedBy(peer(10)), moment(-60)).state;
      expect(sent).toBe(sign(PARAMS, NOTHING_SIGNED, signedBy(peer(10)), moment(-60)).state.sent);
    });

    it('has nothing to go on from where nothing was kept', () => {
      expect(goOnSigning(undefined, at(0))).toBe(NOTHING_SIGNED);
    });

    it.each<[string, AuthenticationParams['replay'], number, 'kept' | 'kept anew']>([
      ['runs on', 'time', 0, 'kept'],
      ['is slewed', 'time', 0.09, 'kept'],
      ['is set forward', 'time', 0.2, 'kept anew'],
      ['is set back a little', 'time', -4, 'kept'],
      ['is set back far', 'time', -6, 'kept anew'],
      ['is set back far', 'monotonic', -6, 'kept'],
    ])(
      'while the wall clock %s, in %s order by %s s: what is to be kept',
      (_, replay, by, then) => {
        const kept = millis(BOOTED + 100);
        const anew = signingAhead({ ...PARAMS, replay }, kept, NOTHING_SIGNED, moment(by, 5));
        expect(anew).toBe(then === 'kept' ? undefined : kept + by * 1000);
      },
    );

    it('finds what its predecessor had signed until the peer holds that against nobody', () => {
      const kept = ahead(0);
      const last = sign(PARAMS, NOTHING_SIGNED, signedBy(peer(10)), moment(0)).state;
      const anew = (later: number) => {
        const { state } = sign(PARAMS, last, signedBy(peer(10)), moment(-60, later));
        const next = sign(PARAMS, state, signedBy(peer(10)), moment(-60, 2 * later)).state;
        return signingAhead(PARAMS, kept, next, moment(-60, 2 * later));
      };
      expect(anew(9)).toBeUndefined();
      expect(anew(10.1)).toBe((kept ?? 0) - 60_000);
    });
  });

  it('with a key that is not there is our mistake', () => {
    const signing = () =>
      sign({ ...PARAMS, signWith: 3 }, NOTHING_SIGNED, signedBy(peer(10)), moment(0));
    expect(signing).toThrow(BrokenAssumption);
  });
});

describe('an advert that was heard', () => {
  const bare = { signed: signedBy(peer(11)), trailer: undefined };
  const fresh = heard(NOW);
  const strange = { id: 3, secret: new Uint8Array(32).fill(3) };

  it.each<[string, AuthenticationParams, Parameters<typeof authenticate>[2], string]>([
    ['signed with the first key', PARAMS, fresh, 'heard'],
    ['signed with the second', PARAMS, heard(NOW, { params: { ...PARAMS, signWith: 2 } }), 'heard'],
    ['bare, where all must be signed', PARAMS, bare, 'trailer-missing'],
    ['bare, where some are', { ...PARAMS, mode: 'permissive' }, bare, 'heard'],
    ['bare, where none are yet', { ...PARAMS, mode: 'receive-only' }, bare, 'heard'],
    [
      'with another trailer',
      PARAMS,
      { ...fresh, trailer: Uint8Array.from(fresh.trailer).with(0, 9) },
      'trailer-malformed',
    ],
    ['signed as long ago as may be', PARAMS, heard(after(-5)), 'heard'],
    ['signed as far ahead as may be', PARAMS, heard(after(5)), 'heard'],
    ['signed too long ago', PARAMS, heard(after(-6)), 'trailer-stale'],
    ['signed too far ahead', PARAMS, heard(after(6)), 'trailer-stale'],
    [
      'signed with a key that is not ours',
      PARAMS,
      heard(NOW, { params: { ...PARAMS, keys: [strange], signWith: 3 } }),
      'trailer-key',
    ],
    [
      'signed with another secret under our id',
      PARAMS,
      heard(NOW, { params: { ...PARAMS, keys: [{ ...strange, id: 1 }] } }),
      'trailer-forged',
    ],
    [
      'signed with another secret, where signing is optional',
      { ...PARAMS, mode: 'permissive' },
      heard(NOW, { params: { ...PARAMS, keys: [{ ...strange, id: 1 }] } }),
      'trailer-forged',
    ],
  ])('%s', (_name, params, advert, outcome) => {
    expect(judged(params, NOTHING_SIGNED, advert)).toBe(outcome);
  });

  it('is not heard twice, nor behind a later one, and a refusal moves nothing', () => {
    const later = authenticate(PARAMS, NOTHING_SIGNED, heard(after(1)), NOW);
    expect(later.rejected).toBeUndefined();
    for (const old of [heard(after(1)), heard(NOW)]) {
      const again = authenticate(PARAMS, later.state, old, NOW);
      expect(again).toEqual({ state: later.state, rejected: 'trailer-replayed' });
    }
    const forged = heard(after(2), { params: { ...PARAMS, keys: [{ ...strange, id: 1 }] } });
    expect(authenticate(PARAMS, later.state, forged, NOW).state).toBe(later.state);
    expect(judged(PARAMS, later.state, heard(after(2)))).toBe('heard');
  });

  it('is measured against its own sender alone', () => {
    const { state } = authenticate(PARAMS, NOTHING_SIGNED, heard(after(3)), NOW);
    expect(judged(PARAMS, state, heard(NOW, { from: peer(12) }))).toBe('heard');
  });

  it('begins anew once the mark of its sender is outside the window', () => {
    const { state } = authenticate(PARAMS, NOTHING_SIGNED, heard(after(5)), NOW);
    const setBack = after(-10);
    const rejected = authenticate(PARAMS, state, heard(setBack), setBack).rejected;
    expect(rejected).toBeUndefined();
  });

  it('RFC 1982 §3.2 may come after the numbers have wrapped around', () => {
    const last = (1n << 64n) - 1n;
    const state: AuthenticationState = {
      ...NOTHING_SIGNED,
      marks: [{ source: peer(11), sequence: last }],
    };
    const end = wallTime(0xffff_ffff * 1000);
    const signed = signedBy(peer(11));
    const trailer = encodeTrailer({ keyId: 1, sequence: last }, signed, FIRST.secret);
    expect(authenticate(PARAMS, state, { signed, trailer }, end).rejected).toBe('trailer-replayed');
  });

  it('of more senders than are remembered makes the longest unheard room', () => {
    let state = NOTHING_SIGNED;
    for (let last = 20; last < 40; last += 1) {
      state = authenticate(PARAMS, state, heard(NOW, { from: peer(last) }), NOW).state;
    }
    expect(state.marks.map(({ source }) => source)).toEqual(
      [32, 33, 34, 35, 36, 37, 38, 39].map(peer),
    );
  });
});
