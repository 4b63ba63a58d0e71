import { invalidArgument } from '../spreadsheet/api-error.ts';
import { metadataByFilter } from '../spreadsheet/data-filter.ts';
import { updated, updateMask } from '../spreadsheet/field-mask.ts';
import { createMetadata, deleteMetadata, metadataJson, updateMetadata } from '../spreadsheet/developer-metadata.ts';
import type { Requests } from './editing.ts';

/** Requests about developer metadata. */
export const metadataRequests = {
  createDeveloperMetadata: ({ spreadsheet }, { developerMetadata = {} }) => ({
    createDeveloperMetadata: { developerMetadata: createMetadata(spreadsheet, developerMetadata) },
  }),

  updateDeveloperMetadata: ({ spreadsheet }, { dataFilters = [], developerMetadata = {}, fields }) => {
    const mask = updateMask(fields, 'DeveloperMetadata');
    if (dataFilters.length === 0) throw invalidArgument('Must specify at least one data filter.');
    const pieces = [...new Set(dataFilters.flatMap((filter) => metadataByFilter(spreadsheet, filter)))];
    const isMoved = mask.has('location') || mask.has('*');
    updateMetadata(spreadsheet, pieces, {
      change: (one) => updated(one, developerMetadata, mask),
      location: isMoved ? (developerMetadata.location ?? {}) : undefined,
    });
    const ids = new Set(pieces.map((one) => one.metadataId));
    const changed = spreadsheet.fields.metadata.filter((one) => ids.has(one.metadataId));
    return {
      updateDeveloperMetadata: { developerMetadata: changed.map((one) => metadataJson(spreadsheet, one)) },
    };
  },

  deleteDeveloperMetadata: ({ spreadsheet }, { dataFilter = {} }) => ({
    deleteDeveloperMetadata: {
      deletedDeveloperMetadata: deleteMetadata(spreadsheet, metadataByFilter(spreadsheet, dataFilter)),
    },
  }),
} satisfies Requests;
