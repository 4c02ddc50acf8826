/** The kernel: system calls through JNA and Netty's epoll loop. The only user of JNA. Depends on nothing of ours. */
@org.jspecify.annotations.NullMarked
package dev.jwg.linux;
