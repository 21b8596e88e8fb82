/**
 * Policies of one's own, every version kept, and to whom they are assigned; and the book of what is in force, read anew
 * while a process runs.
 */
@NullMarked
package io.tlsfleet.store.policy;

import org.jspecify.annotations.NullMarked;
