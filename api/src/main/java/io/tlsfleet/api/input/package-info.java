/**
 * What people and scripts send, read strictly: JSON in, values or errors that name the field out. Text from outside is
 * made fit to be shown here.
 */
@NullMarked
package io.tlsfleet.api.input;

import org.jspecify.annotations.NullMarked;
