import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMasterProcesses } from '../../../../src/wire/haproxy/master-processes.js';

const HEAD = '#<PID>          <type>          <reloads>       <uptime>        <version>      \n';

describe('what the master says of its processes', () => {
  it('as 2.6 does, after a reload with a former worker', () => {
    const answer = `${HEAD}27569           master          4 [failed: 0]   0d00h00m35s     2.6.12-1+deb12u4
# workers
28767           worker          0               0d00h00m00s     2.6.12-1+deb12u4
# old workers
27681           worker          2               1d02h03m04s     2.6.12-1+deb12u4
# programs

`;
    expect(readMasterProcesses(answer)).toEqual({
      reloads: 4,
      failed: 0,
      workers: [
        { pid: 28767, place: 'current', ageSeconds: 0 },
        { pid: 27681, place: 'former', ageSeconds: 93_784 },
      ],
    });
  });

  it('a worker whose successor could not be loaded is the current one', () => {
    const answer = `${HEAD}9  master          2 [failed: 1]   0d00h00m30s     2.6.12
# workers
11           worker          1               0d00h00m27s     2.6.12
# programs
`;
    expect(readMasterProcesses(answer)).toEqual({
      reloads: 2,
      failed: 1,
      workers: [{ pid: 11, place: 'current', ageSeconds: 27 }],
    });
  });

  it('as versions before 2.5 do, which do not say whether a reload has failed', () => {
    const answer = `#<PID> <type> <relative PID> <reloads> <uptime> <version>
9  master 0 1 0d00h00m30s 2.4.0
# workers
11 worker 1 0 0d00h00m27s 2.4.0
`;
    expect(readMasterProcesses(answer)).toMatchObject({
      failed: undefined,
      workers: [{ pid: 11 }],
    });
  });

  it('of anything else nothing', () => {
    expect(readMasterProcesses('Unknown command')).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (noise) => {
        readMasterProcesses(`${HEAD}9 master 0 [failed: 0] ${noise}`);
      }),
    );
  });

  it('reads so many workers and no more', () => {
    const worker = '11 worker 0 0d00h00m27s 2.6.12\n';
    const answer = `9 master 0 [failed: 0] x\n${worker.repeat(5000)}`;
    expect(readMasterProcesses(answer)?.workers).toHaveLength(4096);
  });
});
