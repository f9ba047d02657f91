/** What `vipair drill undo` says, and its exit code, where one node is silent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { drillUndo } from '../../../src/cli/drill/undo.js';
import { EXIT } from '../../../src/cli/exit-codes.js';
import type { DrillState } from '../../../src/telemetry/drill.js';
import { givenHand } from '../drill/given-drill.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-undo-'));
let daemons = 0;

/** A daemon that knows no more than that. */
async function undo(state: DrillState) {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  }
  daemons += 1;
  const socket = join(directory, `${String(daemons)}.sock`);
  const daemon = createServer((_, response) => {
    response.end(JSON.stringify(state));
  });
  await new Promise<void>((resolve) => daemon.listen(socket, resolve));
  const code = await drillUndo({ config: 'none.yaml', socket, form: 'text' });
  daemon.close();
  daemon.closeAllConnections();
  return { code, said: said.join('') };
}

describe('drills that are undone', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('are over where both nodes say so', async () => {
    const hands = { node: 'lb2', here: givenHand('lb2'), there: givenHand('lb1') };
    expect(await undo({ ...hands, problem: undefined })).toEqual({
      code: EXIT.ok,
      said: 'no drill is under way on either node: nothing had to be undone\n',
    });
  });

  it('are not known to be over where the other node is silent', async () => {
    const state = { node: 'lb2', here: undefined, there: undefined, problem: 'lb1: silent' };
    const { code, said } = await undo(state);
    expect(code).toBe(EXIT.failed);
    expect(said).toContain('no drill is under way on this node');
    expect(said).toContain('of the other node nothing is known: lb1: silent');
  });
});
