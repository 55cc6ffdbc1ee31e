/**
 * The bridge: hands the message port that the page made to the main process, and says where a dropped file lies. It offers
 * nothing else. The page never sees `ipcRenderer`; the main process checks whose message it is.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window || event.data !== 'pentimento:port') return;
  ipcRenderer.postMessage('pentimento:port', null, [...event.ports]);
});

contextBridge.exposeInMainWorld('pentimento', {
  /**
   * Where a file lies that was dropped or chosen; empty for one that a page made up. The main process hears of it before the
   * page does, so that the page may then name it.
   */
  pathOfFile(file: File): string {
    const path = webUtils.getPathForFile(file);
    if (path !== '') ipcRenderer.sendSync('pentimento:dropped', path);
    return path;
  },
});
