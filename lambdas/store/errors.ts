export { StoreBusyError, StoreError } from '../domain/store-errors.ts';
