import { fileRecordsContract } from '../model/file-records-contract.ts';
import { memoryFileRecords } from '../model/memory-cloud.ts';

const { records } = memoryFileRecords();
fileRecordsContract(() => records);
