import { changeBoot, settleBoot } from './change'

/** The operations of this room by id. */
export const bootOperations = { 'host.boot': changeBoot, 'host.settle-boot': settleBoot }
