/**
 * The bridge: hands the message port that the page made to the main process, and tells the page where a file lies that a
 * person dropped on it. It offers nothing else. The page never sees `ipcRenderer`; the main process checks whose port it is.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window || event.data !== 'pentimento:port') return;
  ipcRenderer.postMessage('pentimento:port', null, [...event.ports]);
});

contextBridge.exposeInMainWorld('pentimento', { pathOfFile: (file: File) => webUtils.getPathForFile(file) });
