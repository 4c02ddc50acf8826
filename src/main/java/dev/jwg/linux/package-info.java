/** The kernel: system calls through JNA and Netty's epoll loop. The only user of JNA. May use time. */
@org.jspecify.annotations.NullMarked
package dev.jwg.linux;
