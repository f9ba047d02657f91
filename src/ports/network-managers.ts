/** What network managers have written down about an interface: read, never asked, because asking could change something. */

/** Both are undefined where the manager does not run here, or knows nothing of the interface. */
export interface ManagerFiles {
  readonly interface: string;
  readonly networkd: NetworkdFiles | undefined;
  /** NetworkManager's record of the device: an ini file with a section `device`. */
  readonly networkManager: string | undefined;
}

export interface NetworkdFiles {
  /** systemd-networkd's record of the link: shell assignments such as `ADMIN_STATE=configured`. */
  readonly link: string;
  /** The .network file that it was configured from, then its drop-ins in the order they count. */
  readonly settings: readonly TextFile[];
}

interface TextFile {
  readonly path: string;
  readonly text: string;
}
