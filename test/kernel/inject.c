/*
 * Puts packets on the wire. Standard input, one packet a line:
 *   L IFNAME HEX   an Ethernet frame, sent as it is on an interface (the far end of a veth pair)
 *   4 IFNAME HEX   an IPv4 packet with its header, sent by this host through an interface
 *   6 IFNAME HEX   the same for IPv6
 * Ends with 0 when every packet was taken by the kernel or refused by its filter (EPERM), else says which was not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t unhex(const char *text, unsigned char *out, size_t room) {
  size_t n = 0;
  unsigned int byte;
  while (n < room && sscanf(text + 2 * n, "%2x", &byte) == 1) out[n++] = (unsigned char)byte;
  return n;
}

int main(void) {
  static char line[8192];
  static unsigned char packet[4096];
  int frames = socket(AF_PACKET, SOCK_RAW, 0);
  int failed = 0;
  if (frames < 0) return perror("packet socket"), 2;
  while (fgets(line, sizeof line, stdin)) {
    char kind = 0, name[IF_NAMESIZE + 1] = "", hex[6000] = "";
    ssize_t sent = -1;
    if (sscanf(line, "%c %16s %5999s", &kind, name, hex) != 3) continue;
    size_t length = unhex(hex, packet, sizeof packet);
    if (kind == 'L') {
      struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name), .sll_halen = 6};
      memcpy(to.sll_addr, packet, 6);
      sent = sendto(frames, packet, length, 0, (struct sockaddr *)&to, sizeof to);
    } else {
      int family = kind == '4' ? AF_INET : AF_INET6, on = 1;
      int raw = socket(family, SOCK_RAW, IPPROTO_RAW);
      if (raw < 0) return perror("raw socket"), 2;
      setsockopt(raw, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name));
      if (family == AF_INET) {
        struct sockaddr_in to = {.sin_family = AF_INET};
        setsockopt(raw, IPPROTO_IP, IP_HDRINCL, &on, sizeof on);
        memcpy(&to.sin_addr, packet + 16, 4);
        sent = sendto(raw, packet, length, 0, (struct sockaddr *)&to, sizeof to);
      } else {
        struct sockaddr_in6 to = {.sin6_family = AF_INET6};
        setsockopt(raw, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof on);
        memcpy(&to.sin6_addr, packet + 24, 16);
        sent = sendto(raw, packet, length, 0, (struct sockaddr *)&to, sizeof to);
      }
      close(raw);
    }
    if (sent < 0 && errno != EPERM) {
      fprintf(stderr, "%s: %s", strerror(errno), line);
      failed = 1;
    }
  }
  return failed;
}
