import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import './style.css';

export const metadata: Metadata = { title: 'Campaigns' };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <header>
          <strong>Campaigns</strong>
          <nav>
            <a href="/reviews">Manual reviews</a> <a href="/api/ops/dashboard">Circuit breakers</a>
          </nav>
        </header>
        <main>{children}</main>
      </body>
    </html>
  );
}
