/**
 * The bridge: hands the message port that the page made to the main process, and offers nothing else. The page never
 * sees `ipcRenderer`; the main process checks whose port it is.
 */
import { ipcRenderer } from 'electron';

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window || event.data !== 'pentimento:port') return;
  ipcRenderer.postMessage('pentimento:port', null, [...event.ports]);
});
