/** The operating system's dialogs for files; what is chosen there may be named by the windows from then on. */
import type { Dialog, FileFilter, OpenDialogOptions } from 'electron';
import type { Choice, TargetChoice } from '#contract/system.ts';
import type { FileDialogs } from '#features/system/system.service.ts';
import { listExtensions } from '#features/system/file-kind.ts';
import type { ChosenPaths } from './chosen-paths.ts';

const pictures = ['jpg', 'jpeg', 'png', 'webp', 'tif', 'tiff', 'avif', 'gif'];
const filters: Record<Exclude<Choice['what'] | TargetChoice['what'], 'folder'>, FileFilter[]> = {
  pictures: [{ name: 'Pictures', extensions: pictures }],
  model: [{ name: 'ONNX models', extensions: ['onnx'] }],
  bundle: [{ name: 'Case bundles', extensions: ['pentimento', 'zip'] }],
  manifest: [{ name: 'Manifests', extensions: ['csv'] }],
  list: [{ name: 'Lists', extensions: listExtensions }],
  report: [{ name: 'Reports', extensions: ['html', 'pdf'] }],
  results: [{ name: 'Results', extensions: ['csv', 'json'] }],
  diagnostics: [{ name: 'Archives', extensions: ['zip'] }],
};

function opening({ what }: Choice): OpenDialogOptions {
  if (what === 'folder') return { properties: ['openDirectory'] };
  return {
    filters: filters[what],
    properties: what === 'pictures' ? ['openFile', 'multiSelections'] : ['openFile'],
  };
}

export function fileDialogs(
  dialog: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>,
  chosen: ChosenPaths,
): FileDialogs {
  return {
    async choose(choice) {
      const { canceled, filePaths } = await dialog.showOpenDialog(opening(choice));
      const paths = canceled ? [] : filePaths;
      for (const path of paths) await chosen.allow(path, 'read');
      return { paths };
    },
    async chooseTarget({ what, name }) {
      const options = { defaultPath: name, filters: what === 'folder' ? [] : filters[what] };
      const { canceled, filePath } = await dialog.showSaveDialog(options);
      if (canceled || filePath === '') return { path: null };
      await chosen.allow(filePath, 'write');
      return { path: filePath };
    },
  };
}
