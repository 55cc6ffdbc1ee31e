/** Whether the host can be reached, as a person is told of it. */

/** What the transport says; see api-client.ts. */
export type TransportState = 'connecting' | 'open' | 'closed';

export class Connection {
  /** `lost` once a connection that was open is gone; the transport goes on trying. */
  state = $state<'connecting' | 'connected' | 'lost'>('connecting');

  follow(transport: TransportState): void {
    if (transport === 'open') this.state = 'connected';
    else if (this.state === 'connected') this.state = 'lost';
  }
}
