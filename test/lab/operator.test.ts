/** What operators see and do of both nodes, on either. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { NodeName } from '../../src/lab/topology.js';
import { LAN_INTERFACE, NODE_NAMES } from '../../src/lab/topology.js';
import type { ExplainAnswer } from '../../src/telemetry/prediction.js';
import type { PairReport } from '../../src/telemetry/status.js';
import type { PairHistory } from '../../src/telemetry/transition.js';
import type { CommandOutcome } from './rig.js';
import { mayRaiseLabs, Rig, TENTH, unstalled, value } from './rig.js';

/** The prober begins one each 5 ms, and an answer takes about one: a busy machine may have a few more under way. */
const MOST_CUT = 5;
/** Of a backup, at 100 ms adverts: three and a skew. */
const PATIENCE_MS = 310;
/** Why a backup takes over from a node without power: by VRRP's patience, or by heartbeat and the link's answer. */
const SILENT = /^lb\d: master [\d.]+ is silent(, and so is its kernel)?$/u;

describe.skipIf(!mayRaiseLabs)('with a pair channel', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('operator', { advertInterval: TENTH, pairChannel: 'open' });
    for (const name of NODE_NAMES) {
      await rig.soon(`${name} to answer`, async () => (await report(name)).peer?.word === 'answer');
    }
  });

  afterAll(async () => {
    await rig.remove();
  });

  const on = (name: NodeName, ...command: readonly string[]): Promise<CommandOutcome> =>
    rig.vipair(...command, '-c', rig.configOf(name));

  async function report(name: NodeName): Promise<PairReport> {
    return JSON.parse((await on(name, 'status', '--json')).stdout) as PairReport;
  }

  const refusal = ({ stdout }: CommandOutcome): { code: string; detail: string } =>
    (JSON.parse(stdout) as { error: { code: string; detail: string } }).error;

  it('each node shows both, and what would happen next', async () => {
    const { master, backup } = await rig.settled();
    expect(await report(master)).toMatchObject({
      node: master,
      groups: [{ role: 'master', health: { score: 100 } }],
      peer: { node: backup, word: 'answer', groups: [{ role: 'backup', health: { score: 100 } }] },
      prospects: [{ says: `${backup} would take over if this node died` }],
    });
    expect(await report(backup)).toMatchObject({
      peer: { node: master, groups: [{ role: 'master' }], proxy: 'serving' },
      prospects: [{ says: `would take over if ${master} died` }],
    });
    const page = (await on(backup, 'status')).stdout;
    expect(page).toMatch(new RegExp(`${backup} \\(this node\\)\\s+${master}`, 'u'));
    expect(page).toContain(`next: would take over if ${master} died`);
  });

  it('predicts what then happens: the master loses its power', async () => {
    const { master, backup } = await rig.settled();
    const explained = await on(backup, 'explain', '--json');
    expect(explained.exit).toBe(EXIT.ok);
    const { predictions, missing } = JSON.parse(explained.stdout) as ExplainAnswer;
    expect(missing).toEqual([]);
    const kinds = new Set(predictions.map(({ hypothesis: { kind, node } }) => `${kind} ${node}`));
    for (const name of NODE_NAMES) {
      expect([...kinds]).toEqual(
        expect.arrayContaining([`power ${name}`, `proxy ${name}`, `link ${name}`]),
      );
    }
    const power = predictions.find(
      ({ hypothesis: { kind, node } }) => kind === 'power' && node === master,
    );
    expect(power?.groups[0]).toMatchObject({ before: [master], after: [backup] });
    expect(power?.groups[0]?.afterMs).toBeLessThan(PATIENCE_MS);
    expect((await on(master, 'explain')).stdout).toContain(`if ${master} lost its power`);
    value(await rig.node(master).powerOff());
    try {
      await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    } finally {
      value(await rig.node(master).powerOn());
    }
    // Two paths notice at about the same time here, and either may be the first.
    const decided = rig.events(backup).findLast(({ to }) => to === 'master');
    expect(`${backup}: ${String(decided?.['cause'])}`).toMatch(SILENT);
    expect(power?.groups[0]?.why).toMatch(SILENT);
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    await rig.soon('it to answer', async () => (await report(backup)).peer?.word === 'answer');
  });

  it('a switchover is asked for on the backup, and no connection fails that is begun after the move', async () => {
    let successor = '';
    const seen = await unstalled(async () => {
      const { master, backup } = await rig.settled();
      successor = backup;
      return rig.probed(0, async () => {
        const moved = await on(backup, 'switchover', '--yes', '--to', backup, '--json');
        expect(moved.exit).toBe(EXIT.ok);
        expect(JSON.parse(moved.stdout)).toMatchObject({ node: master, kind: 'moved' });
        expect(await rig.settled()).toEqual({ master: backup, backup: master });
      });
    });
    const moved = seen.samples.findIndex(({ node }) => node === successor);
    expect(moved).toBeGreaterThan(0);
    expect(seen.samples.slice(moved).filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
    // Those whose packets were on their way at that moment are cut, as with any move of an address.
    const cut = seen.samples.filter(({ outcome }) => outcome !== 'answered');
    expect(cut.length).toBeLessThanOrEqual(MOST_CUT);
    expect(cut.every(({ outcome }) => outcome === 'reset')).toBe(true);
  });

  it('both nodes show one history: a switchover is one move, who let go and who claimed', async () => {
    const { master, backup } = await rig.settled();
    const histories = await Promise.all(
      NODE_NAMES.map(async (name) => {
        const told = await on(name, 'history', '-n', '1', '--json');
        return JSON.parse(told.stdout) as PairHistory;
      }),
    );
    const [first, second] = histories;
    expect(first?.transitions).toEqual(second?.transitions);
    expect(first?.parts.map(({ problem }) => problem)).toEqual([undefined, undefined]);
    // The switchover of the test before.
    expect(first?.moves).toMatchObject([{ group: 'web', from: backup, to: master }]);
    expect(first?.transitions.map(({ node, from, to }) => `${node} ${from} ${to}`)).toEqual([
      `${backup} master resigning`,
      `${master} backup master`,
      `${backup} resigning backup`,
    ]);
    // The prober asked every 5 ms then, and the proxy is looked at every 50.
    const claim = first?.transitions.find(({ to }) => to === 'master');
    const served = claim?.phases.firstRequest;
    expect(served?.kind === 'served' ? served.afterMs : undefined).toBeLessThan(200);
    const shown = await on(backup, 'history', '--details', '-n', '1');
    expect(shown.stdout).toMatch(
      /announced [\d.]+ ms later, first request served [\d.]+ ms later/u,
    );
    expect(shown.stdout).toContain(`web: ${backup} → ${master}`);
    expect(shown.stdout).toMatch(/gap +none: the new owner claimed [\d.]+ ms before/u);
    const lines = (await on(master, 'history')).stdout;
    expect(lines).toContain(`${backup} → ${master}`);
    const alone = (await on(master, 'history', '--node', backup, '--json')).stdout;
    const { transitions } = JSON.parse(alone) as PairHistory;
    const nodes = new Set(transitions.map(({ node }) => node));
    expect([...nodes]).toEqual([backup]);
  });

  it('to the node that is master already it changes nothing', async () => {
    const { master, backup } = await rig.settled();
    for (const name of NODE_NAMES) {
      const asked = await on(name, 'switchover', '--yes', '--to', master);
      expect(asked).toMatchObject({ exit: EXIT.ok });
      expect(asked.stdout).toContain(`at ${master} already`);
    }
    const nobody = await on(master, 'switchover', '--yes', '--to', 'lb3', '--json');
    expect(nobody.exit).toBe(EXIT.refused);
    expect(refusal(nobody).code).toBe('unknown-node');
    expect(await rig.settled()).toEqual({ master, backup });
  });

  it('a failback that the configuration forbids is refused by the node that is asked in the end', async () => {
    const { master } = await rig.settled();
    const refused = await on(master, 'failback', '--yes', '--json');
    expect(refused.exit).toBe(EXIT.refused);
    expect(refusal(refused).code).toBe('never-fails-back');
  });

  it('a group is not given to a node that could not take it over', async () => {
    const { master, backup } = await rig.settled();
    await rig.told(backup, 'ip', 'link', 'set', LAN_INTERFACE, 'down');
    await rig.soon('the fault', async () => (await rig.role(backup)) === 'fault');
    const says = `nobody would take over: ${backup} is in fault because of link ${LAN_INTERFACE} down`;
    await rig.soon('it to be known', async () =>
      (await report(master)).prospects.some((each) => each.says === says),
    );
    const refused = await on(master, 'switchover', '--yes', '--json');
    expect(refused.exit).toBe(EXIT.refused);
    expect(refusal(refused)).toMatchObject({ code: 'not-ready' });
    expect(refusal(refused).detail).toContain('it is in fault');
    const forced = await on(backup, 'switchover', '--yes', '--force', '--json');
    expect(JSON.parse(forced.stdout)).toMatchObject({ node: master, kind: 'undone' });
    expect(forced.exit).toBe(EXIT.failed);
    await rig.told(backup, 'ip', 'link', 'set', LAN_INTERFACE, 'up');
    expect(await rig.settled()).toEqual({ master, backup });
  });

  it('a frozen peer is shown as silent within a second, with its last word', async () => {
    const { master, backup } = await rig.settled();
    rig.node(backup).strikeEngine('freeze');
    const began = Date.now();
    const frozen = await report(master);
    expect(Date.now() - began).toBeLessThan(2000);
    expect(frozen.peer).toMatchObject({
      word: 'last heartbeat',
      groups: [{ role: 'backup', priority: expect.any(Number) as number }],
    });
    const asked = await on(master, 'failback', '--yes', '--json');
    expect(refusal(asked).code).not.toBe('bad-request');
    rig.node(backup).strikeEngine('thaw');
    await rig.soon('it to answer', async () => (await report(master)).peer?.word === 'answer');
    await rig.settled();
  });
});
