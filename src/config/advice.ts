/** What is no mistake but might be better: recommendations of `vipair check`. */
import type { Config, GroupConfig, ServiceConfig } from './config.js';

/** One sentence each. */
export function adviceOn({ groups, pair, services = [] }: Config): readonly string[] {
  const alone =
    pair.keyFiles.length === 0
      ? [...groups.flatMap(keepsWithoutAsking), ...services.flatMap(servesOnItsOwn)]
      : [];
  return [...groups.flatMap(authenticateUnicast), ...alone, ...services.flatMap(checkServers)];
}

/** Copies of connections go over a connection that is encrypted with the key. */
function servesOnItsOwn({ name, replicateFlows }: ServiceConfig): readonly string[] {
  return replicateFlows
    ? [
        `service ${name}: its connections die with the node, and what operators want of its servers stays on one node; add pair.key_file`,
      ]
    : [];
}

/** What nobody looks at gets its share of connections even where it is switched off. */
function checkServers({ name, check, servers }: ServiceConfig): readonly string[] {
  return check !== undefined || servers.length === 1
    ? []
    : [
        `service ${name}: nothing looks at its servers, and one that is down goes on getting its share; add check`,
      ];
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
