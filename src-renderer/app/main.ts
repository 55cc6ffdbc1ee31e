/** Starts the workbench: reaches the host, wires the shared state over its client, and mounts the shell. */
import '../styles/fonts.css';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/controls.css';
import { mount } from 'svelte';
import { AppError } from '#contract/errors.ts';
import { createApiClient } from '../lib/api-client.ts';
import { Connection } from '../lib/connection.svelte.ts';
import { createWorkbench } from '../lib/context.ts';
import { reachHost } from '../lib/host-connection.ts';
import App from './App.svelte';
import Refused from './Refused.svelte';
import { Router } from './router.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app".');

async function start(into: HTMLElement): Promise<void> {
  try {
    const client = createApiClient(await reachHost());
    const connection = new Connection();
    client.connection.watch((state) => connection.follow(state));
    mount(App, { target: into, props: { workbench: createWorkbench(client, new Router(), connection) } });
  } catch (error) {
    mount(Refused, { target: into, props: { error: AppError.from(error) } });
  }
}
void start(target);
