/**
 * The analysis process: answers one request after another. It keeps the last picture open, because the analyses of one picture
 * follow each other. Files that others made are read here and nowhere near the database: whatever they do to it, the
 * process that asked goes on.
 */
import { AppError } from '#contract/errors.ts';
import type { AnalysedPicture } from '#analysis/analysis.ts';
import { openPicture, referencePicture } from '#analysis/open-picture.ts';
import { loadAnalysis } from '#analysis/registry.ts';
import { watchMemory } from '../watch-memory.ts';
import {
  withoutFindings,
  type AnalysisOutcome,
  type AnalysisRequest,
  type FromAnalysis,
  type ToAnalysis,
} from './analysis-messages.ts';
import { performAnalysis } from './perform-analysis.ts';

const cancel = new AbortController();
/** Settles when the memory is watched; nothing is read before. */
const watched = Promise.withResolvers<void>();
let open: { file: string; path: string; picture: AnalysedPicture } | null = null;

async function pictureOf({ file, path }: AnalysisRequest): Promise<AnalysedPicture> {
  if (open?.file !== file || open.path !== path) {
    open = null;
    open = { file, path, picture: await openPicture(file, path) };
  }
  return open.picture;
}

async function answer(request: AnalysisRequest): Promise<AnalysisOutcome> {
  try {
    await watched.promise;
    const analysis = await loadAnalysis(request.analysis);
    const given = {
      parameters: request.parameters,
      references: (request.references ?? []).map(referencePicture),
      lists: request.lists ?? {},
    };
    return await performAnalysis(analysis, await pictureOf(request), given, cancel.signal);
  } catch (error) {
    return withoutFindings('failed', AppError.from(error).message);
  }
}

// Nothing here fetches anything: whatever a library would try, it is refused.
globalThis.fetch = () => Promise.reject(new TypeError('An analysis may not use the network.'));

process.on('message', (message: ToAnalysis) => {
  switch (message.type) {
    case 'start':
      return watched.resolve(watchMemory(message.memoryBytes));
    case 'cancel':
      return cancel.abort(new AppError('cancelled', 'The analysis was stopped.'));
    case 'analyse':
      void answer(message.request).then((outcome) => {
        const reply: FromAnalysis = { type: 'outcome', outcome };
        process.send!(reply);
      });
  }
});
process.on('disconnect', () => process.exit());
