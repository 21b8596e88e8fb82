/**
 * Places that scan: their workers as they report themselves, the rules their operators set, who of them dials into which
 * shard of the address space, and what nobody may scan.
 */
@NullMarked
package io.tlsfleet.store.site;

import org.jspecify.annotations.NullMarked;
