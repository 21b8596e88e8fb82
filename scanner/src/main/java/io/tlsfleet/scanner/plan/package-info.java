/**
 * What to ask next, given what is known: eliminations that offer a bundle and take out what was chosen until the server
 * refuses, and what the choices say about whose order counts. Pure: answers come in, offers go out; knows no sockets, no
 * clock and no Vert.x.
 */
@NullMarked
package io.tlsfleet.scanner.plan;

import org.jspecify.annotations.NullMarked;
