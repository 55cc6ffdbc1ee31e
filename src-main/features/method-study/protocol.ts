/** What the study's figures mean, in words that stand beside every printed table. */
import { allowedAlarms } from './false-alarms.ts';

/** Raised with every change of the tests that gives other figures for the same detector; rows are then measured anew. */
export const protocolVersion = 1;

export const studyProtocol = [
  'Every row is trained on the same photographs for the same number of detector steps and differs in its overrides only.',
  'Operations (AUC): crops of test photographs that were never trained on; each untouched crop is the host of one forged ' +
    'crop an operation, splices come from other test photographs, and none of the operations is used in training. The ' +
    'crops are the same for every row. q90: every crop of both classes saved again as JPEG of quality 90, 4:2:0. ' +
    'Means are over all six operations.',
  'pixel: AUC of the cells of the map P inside the masks against those outside.',
  'False alarms: share of whole test photographs whose score lies above the ' +
    `${Math.round(100 * (1 - allowedAlarms))}th percentile of others of them (two halves that change places); on other sources, at that of all test photographs.`,
  'Sets: whole pictures of sources that were never trained on, judged as the program judges any picture. native: files as ' +
    'they are; q90: both classes decoded and saved again alike. What native shows above q90 is the history of the files.',
  'Intervals: 95 %, bootstrap over photographs, or over source photographs where pictures share one. They do not show how a ' +
    'figure would change with another seed or with other sources.',
].join('\n');
