/** What is no mistake but might be better: recommendations of `vipair check`. */
import type { Config, GroupConfig } from './config.js';

/** One sentence each. */
export function adviceOn({ groups, pair }: Config): readonly string[] {
  const alone = pair.keyFiles.length === 0 ? groups.flatMap(keepsWithoutAsking) : [];
  return [...groups.flatMap(authenticateUnicast), ...alone];
}

/** Each node has to know that the other one does so. */
function keepsWithoutAsking({ name, keepConnections }: GroupConfig): readonly string[] {
  return keepConnections === undefined
    ? []
    : [`${name}: keep_connections does nothing without a pair channel; add pair.key_file`];
}

/** Adverts from address to address cross networks that others share, and an address is easily taken. */
function authenticateUnicast({ name, unicast, authentication }: GroupConfig): readonly string[] {
  if (unicast === undefined || authentication?.kind === 'hmac') {
    return [];
  }
  return [
    unicast.minTtl < ON_THIS_LINK
      ? `${name}: adverts are heard from beyond this link without a signature; add authentication with mode enforce`
      : `${name}: unicast adverts are not signed; consider authentication`,
  ];
}

const ON_THIS_LINK = 255;
