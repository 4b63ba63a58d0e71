import { invalidArgument } from '../api/api-error.ts';
import { filteredMetadata } from '../api/data-filter.ts';
import { createMetadata, deleteMetadata, metadataJson } from '../spreadsheet/developer-metadata.ts';
import type { Requests } from './editing.ts';
import { updated, updateMask } from '../api/field-mask.ts';

/** Requests about developer metadata. */
export const metadataRequests = {
  createDeveloperMetadata: ({ spreadsheet }, { developerMetadata = {} }) => ({
    createDeveloperMetadata: { developerMetadata: createMetadata(spreadsheet, developerMetadata) },
  }),

  updateDeveloperMetadata: ({ spreadsheet }, { dataFilters, developerMetadata = {}, fields }) => {
    const mask = updateMask(fields, 'DeveloperMetadata');
    if (mask.has('location') || mask.has('*')) throw invalidArgument('the sandbox does not move developer metadata');
    const meant = filteredMetadata(spreadsheet, dataFilters ?? []);
    const metadata = spreadsheet.fields.metadata.map((one) =>
      meant.includes(one) ? updated(one, developerMetadata, mask) : one,
    );
    spreadsheet.set({ metadata });
    const ids = new Set(meant.map((one) => one.metadataId));
    const changed = metadata.filter((one) => ids.has(one.metadataId)).map((one) => metadataJson(spreadsheet, one));
    return { updateDeveloperMetadata: { developerMetadata: changed } };
  },

  deleteDeveloperMetadata: ({ spreadsheet }, { dataFilter = {} }) => ({
    deleteDeveloperMetadata: {
      deletedDeveloperMetadata: deleteMetadata(spreadsheet, filteredMetadata(spreadsheet, [dataFilter])),
    },
  }),
} satisfies Requests;
