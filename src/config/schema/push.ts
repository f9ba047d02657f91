/** The shape of what the other node may put into files of this node. */
import { z } from 'zod';
import { millis } from '../../base/time.js';
import type { PushConfig } from '../config.js';
import { absolutePath, durationBetween, listOf, mapping, matching, PATH_BYTES } from './kinds.js';

// eslint-disable-next-line no-control-regex -- as with every path.
const DEEP = /^(?:\/[^/\u0000-\u001f]+){2,}$/u;
const directory = matching(
  DEEP,
  'an absolute path of a directory that lies in another, such as /etc/haproxy, without a slash at its end',
);

export const push: z.ZodType<PushConfig> = mapping({
  accept: z
    .boolean({ error: 'true or false' })
    // haproxy.cfg can start programs, and HAProxy reads it as root: who may send it is as good as root here.
    .prefault(false)
    .describe(
      'Whether `vipair push` of the other node may replace files of HAProxy and vipair.yaml here. That node is as good as root here then.',
    ),
  directories: listOf(directory, { from: 0, to: 8, of: 'directories' })
    .prefault([])
    .describe(
      'Where pushed files may lie, beside the directory of haproxy.cfg, and where files to push are looked for.',
    ),
  files: listOf(absolutePath({ atMost: PATH_BYTES }), { from: 0, to: 64, of: 'paths' })
    .prefault([])
    .describe(
      'Files that are pushed although haproxy.cfg does not name them, such as modules that a Lua script loads.',
    ),
  watch: durationBetween({ from: millis(1000), to: millis(300_000) })
    // Longer than three checks of a server that are two seconds apart, as HAProxy's defaults have it.
    .prefault('10s')
    .describe(
      'For how long HAProxy is watched after it was reloaded with pushed files, before they are kept: such as 10s.',
    ),
});
