import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import 'uplot/dist/uPlot.min.css';
import './app/look.css';
import './app/parts.css';
import './app/charts.css';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { PREFIX } from './api/client';
import { App } from './app/App';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <BrowserRouter basename={PREFIX || '/'}>
      <App />
    </BrowserRouter>,
  );
}
